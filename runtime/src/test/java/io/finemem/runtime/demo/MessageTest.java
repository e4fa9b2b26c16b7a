package io.finemem.runtime.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.ErrorCode;
import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.trace.ReplayBounds;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
    private static final Message.Fabric FABRIC =
            new Message.Fabric("shm", Map.of("directory", "/dev/shm/x"), "c2VjcmV0", "/dev/shm/x");

    static List<Message> everyKind() {
        ComputeResult result = new ComputeResult(
                1,
                10,
                20,
                1,
                List.of("broken \"so\"\nbadly"),
                new OperationCosts(1, 2, 3, 4),
                new OperationCosts(5, 6, 7, 8),
                "a",
                "b",
                "c");
        return List.of(
                new Message.ServeMemory(FABRIC, 1L << 40, Isolation.STRICT, true),
                new Message.Serving(4711),
                new Message.Prepare(FABRIC),
                new Message.ServeApplications(4711),
                new Message.Open("/dev/shm/x/service"),
                new Message.Replay(4711, "", 2, List.of("redis", "/tmp/my trace"), 6, ReplayBounds.none(4096), 0.5),
                new Message.Connected("shm", "/dev/shm/x", "detail"),
                new Message.Progress(17),
                new Message.Holding(4096),
                new Message.Finish(),
                new Message.Done(result),
                new Message.Failed(ErrorCode.OUT_OF_LOCAL_RESOURCES, "no room"));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void aMessageIsOneLineAndReadsBackAsItself(Message message) {
        String line = JsonLines.print(message);
        assertThat(line).doesNotContain("\n");
        assertThat(JsonLines.parse(line)).isEqualTo(message);
    }

    @Test
    void everyKindIsTested() {
        assertThat(everyKind().stream().map(Message::getClass).distinct())
                .hasSize(Message.class.getPermittedSubclasses().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "{}", "{\"type\":\"what\"}", "{\"type\":\"serving\",\"port\":\"x\"}"})
    void somethingElseIsRefused(String line) {
        assertThatThrownBy(() -> JsonLines.parse(line)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void theTextFormKeepsTheSecret() {
        assertThat(new Message.ServeMemory(FABRIC, 1, Isolation.DIRECT, false))
                .asString()
                .doesNotContain("c2VjcmV0");
    }
}
