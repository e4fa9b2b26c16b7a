package io.finemem.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordedTracesTest {

    @ParameterizedTest
    @ValueSource(strings = {"javac", "redis"})
    void everyRecordedTraceHasThousandsOfAllocationsAndFrees(String name) {
        AllocationTrace trace = RecordedTraces.load(name);
        assertThat(RecordedTraces.names()).contains(name);
        assertThat(trace.notes()).anyMatch(note -> note.startsWith("command: "));
        assertThat(trace.objects()).isGreaterThan(2000);
        assertThat(trace.events().size() - trace.objects()).isGreaterThan(1500);
        assertThat(trace.peakBytes()).isLessThan(100 << 20);
    }

    @Test
    void aTraceIsLoadedFromAFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("mine.csv");
        Files.writeString(file, TraceFormat.print(RecordedTraces.load("javac")));
        assertThat(RecordedTraces.load(file.toString()).events())
                .isEqualTo(RecordedTraces.load("javac").events());
    }

    @ParameterizedTest
    @ValueSource(strings = {"firefox", "/", "", "a\0b"})
    void whatIsNeitherNameNorFileIsRefusedWithTheNames(String name) {
        assertThatThrownBy(() -> RecordedTraces.load(name))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("give one of javac, redis, or a file");
    }

    @Test
    void bytesThatAreNoTextAreRefusedWithTheFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("binary.csv");
        Files.write(file, new byte[] {'#', (byte) 0xff, '\n'});
        assertThatThrownBy(() -> RecordedTraces.load(file.toString()))
                .isInstanceOf(MalformedTrace.class)
                .hasMessageStartingWith(file.toString());
    }
}
