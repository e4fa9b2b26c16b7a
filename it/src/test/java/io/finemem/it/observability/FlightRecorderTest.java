package io.finemem.it.observability;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.allocator.event.AllocationEvent;
import io.finemem.allocator.event.FenceEvent;
import io.finemem.allocator.event.RecoveryEvent;
import io.finemem.allocator.event.RevocationEvent;
import io.finemem.runtime.FineMem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a recording has of an owner's life: an allocation, a revoked block, and its end. */
@Timeout(60)
class FlightRecorderTest {
    @TempDir
    private Path directory = Path.of(".");

    private List<RecordedEvent> record(boolean allocations) throws Exception {
        Config config = ConfigFactory.parseString("finemem { transport.shm.directory = \"" + directory
                + "\", memory-node { pool = 4MiB, isolation = strict } }");
        Path file = directory.resolve("recording-" + allocations + ".jfr");
        try (Recording recording = new Recording()) {
            if (allocations) {
                recording.enable(AllocationEvent.NAME).withoutThreshold();
            }
            recording.enable(FenceEvent.NAME).withoutThreshold();
            recording.enable(RecoveryEvent.NAME).withoutThreshold();
            recording.enable(RevocationEvent.NAME).withThreshold(Duration.ZERO);
            recording.start();
            try (FineMem memory = FineMem.embedded(config)) {
                memory.allocate(5000).close();
            }
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file);
    }

    private static List<RecordedEvent> of(List<RecordedEvent> all, String name) {
        return all.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    @Test
    void theLifeOfAnOwnerIsRecorded() throws Exception {
        List<RecordedEvent> events = record(true);
        assertThat(of(events, AllocationEvent.NAME)).singleElement().satisfies(event -> {
            assertThat(event.getLong("bytes")).isEqualTo(5000);
            assertThat(event.getInt("blocks")).isEqualTo(1);
        });
        assertThat(of(events, FenceEvent.NAME)).singleElement().satisfies(event -> {
            assertThat(event.getBoolean("completed")).isTrue();
            assertThat(event.getString("memoryNode")).isEqualTo("mn0");
        });
        assertThat(of(events, RecoveryEvent.NAME)).singleElement().satisfies(event -> assertThat(event.getInt("owners"))
                .isEqualTo(1));
        assertThat(of(events, RevocationEvent.NAME)).isNotEmpty();
    }

    @Test
    void allocationsAreNotRecordedUnlessThatIsAskedFor() throws Exception {
        assertThat(of(record(false), AllocationEvent.NAME)).isEmpty();
    }
}
