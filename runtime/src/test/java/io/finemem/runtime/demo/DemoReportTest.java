package io.finemem.runtime.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.Isolation;
import io.finemem.runtime.trace.ReplayBounds;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoReportTest {
    private static final Audit HELD = new Audit(30, 30, 30, List.of());
    private static final Audit EMPTY = new Audit(0, 0, 0, List.of());

    @Test
    void theJsonHasTheNamesThatProgramsRelyOn() throws Exception {
        JsonNode json = new ObjectMapper().readTree(report(0, HELD, EMPTY).toJson());
        assertThat(json.get("transport").textValue()).isEqualTo("shm");
        assertThat(json.get("device").textValue()).isEqualTo("/dev/shm/x");
        assertThat(json.get("operations").longValue()).isEqualTo(400);
        assertThat(json.get("failures").longValue()).isZero();
        assertThat(json.get("leakedBlocks").longValue()).isZero();
        assertThat(json.get("rounds").intValue()).isEqualTo(6);
        assertThat(json.get("passed").booleanValue()).isTrue();
        assertThat(json.get("rawCasP50Micros").doubleValue()).isEqualTo(2.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"allocation", "free"})
    void theJsonHasCostsAndLatenciesOfEachKind(String kind) throws Exception {
        JsonNode operation =
                new ObjectMapper().readTree(report(0, HELD, EMPTY).toJson()).get(kind);
        double factor = kind.equals("allocation") ? 1 : 2;
        assertThat(operation.get("count").longValue()).isEqualTo(200);
        assertThat(operation.get("doorbells").doubleValue()).isEqualTo(1.05 * factor);
        assertThat(operation.get("roundTrips").doubleValue()).isEqualTo(1.1 * factor);
        assertThat(operation.get("verbs").doubleValue()).isEqualTo(2.5 * factor);
        assertThat(operation.get("p50Micros").doubleValue()).isBetween(3 * factor, 3.01 * factor);
        assertThat(operation.get("p99Micros").doubleValue()).isBetween(40 * factor, 40.1 * factor);
    }

    @Test
    void aFailureInAProcessFailsTheWhole() {
        DemoReport report = report(3, HELD, EMPTY);
        assertThat(report.passed()).isFalse();
        assertThat(report.failures()).isEqualTo(6);
        assertThat(report.firstFailures()).contains("compute process 2: overwritten");
    }

    @Test
    void aLeakFailsTheWhole() {
        DemoReport report = report(0, HELD, new Audit(0, 16, 16, List.of()));
        assertThat(report.leakedBlocks()).isEqualTo(16);
        assertThat(report.passed()).isFalse();
    }

    @Test
    void aChunkThatNobodyKnowsFailsTheWhole() {
        assertThat(report(0, new Audit(30, 31, 31, List.of()), EMPTY).passed()).isFalse();
        assertThat(report(0, new Audit(30, 30, 29, List.of()), EMPTY).passed()).isFalse();
        assertThat(report(0, new Audit(30, 30, 30, List.of("I1 broken")), EMPTY).passed())
                .isFalse();
    }

    @Test
    void aProcessThatDoesNotEndInOrderFailsTheWhole() {
        DemoReport report = DemoReport.of(
                chosen(), connected(), 1 << 21, List.of(), 1, outcome(0, HELD, EMPTY), List.of("memory node"), 1);
        assertThat(report.failures()).isEqualTo(1);
        assertThat(report.firstFailures()).containsExactly("the memory node process did not end in order");
    }

    @Test
    void theTableIsAligned(@TempDir Path directory) throws Exception {
        StringWriter text = new StringWriter();
        DemoTable table = new DemoTable(new PrintWriter(text));
        table.announce(chosen(), demo(directory));
        table.report(report(0, HELD, EMPTY));
        assertThat(text.toString().replaceFirst("/\\S*three-objects", "TRACE"))
                .isEqualToNormalizingNewlines(
                        """
                        transport shm: as asked for
                        2 compute processes replay TRACE (the first 1 of 2 events), without objects of more than 4 KiB, 6 times in a pool of 4 MiB
                        each is an owner of the memory node by itself

                        on shm /dev/shm/x (detail)

                                       operations     p50 us     p99 us  doorbells  round trips    verbs
                          allocation          200       3.00       40.0      1.050        1.100    2.500
                          free                200       6.00       80.1      2.100        2.200    5.000
                          raw CAS                       2.00                     1            1        1

                          2 MiB written, read back and compared
                          p50 and p99 are those of rounds 4 to 6; the ones before warm up the virtual machines
                          audit while the processes held it: 30 chunks of 4 KiB in use, 30 of them in a journal, 30 expected
                          audit after everything was freed: 0 chunks of 4 KiB in use, 0 of them in a journal, 0 expected

                        passed: 400 operations, 0 failures, 0 leaked blocks, 1.5 s
                        """);
    }

    private static Demo demo(Path directory) throws Exception {
        Path file = directory.resolve("three-objects");
        Files.writeString(
                file, "# finemem-trace 1\ntime_us,operation,object,bytes\n0,a,1,8192\n0,a,2,4096\n0,a,3,4096\n");
        ReplayBounds bounds = ReplayBounds.none(1 << 21).withMaxOperations(2).withMaxObjectBytes(4096);
        DemoOptions options = new DemoOptions(
                "shm", Map.of(), List.of(file.toString()), 6, 0, Isolation.STRICT, false, false, bounds, 0);
        return new Demo(options, chosen(), DemoProgress.SILENT);
    }

    private static DemoReport report(long failures, Audit whileHeld, Audit atEnd) {
        return DemoReport.of(
                chosen(), connected(), 1 << 21, List.of(), 6, outcome(failures, whileHeld, atEnd), List.of(), 1.5);
    }

    private static ChosenTransport chosen() {
        return new ChosenTransport("shm", Map.of(), "as asked for");
    }

    private static Message.Connected connected() {
        return new Message.Connected("shm", "/dev/shm/x", "detail");
    }

    private static Outcome outcome(long failures, Audit whileHeld, Audit atEnd) {
        return new Outcome(List.of(result(1, failures), result(2, failures)), whileHeld, atEnd);
    }

    private static ComputeResult result(int number, long failures) {
        return new ComputeResult(
                number,
                54,
                1 << 20,
                failures,
                failures == 0 ? List.of() : List.of("overwritten"),
                new OperationCosts(100, 105, 110, 250),
                new OperationCosts(100, 210, 220, 500),
                Latencies.encode(nanos(3000, 40_000)),
                Latencies.encode(nanos(6000, 80_000)),
                Latencies.encode(nanos(2000, 2000)));
    }

    private static Histogram nanos(long usual, long tail) {
        Histogram nanos = Latencies.empty();
        nanos.recordValueWithCount(usual, 98);
        nanos.recordValueWithCount(tail, 2);
        return nanos;
    }
}
