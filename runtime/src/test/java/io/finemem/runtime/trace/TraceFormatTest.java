package io.finemem.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceFormatTest {
    private static final String START = "# finemem-trace 1\ntime_us,operation,object,bytes\n";

    @Test
    void aPrintedTraceParsesToItself() {
        long seed = new Random().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            AllocationTrace trace = randomTrace(random);
            assertThat(parse(TraceFormat.print(trace)))
                    .as("seed=%d round=%d", seed, round)
                    .isEqualTo(trace);
        }
    }

    @Test
    void aSmallTraceHasExactlyThisText() {
        AllocationTrace trace = new AllocationTrace(
                "random",
                List.of("command: true"),
                List.of(
                        new TraceEvent(0, TraceEvent.Kind.ALLOCATE, 1, 8192),
                        new TraceEvent(17, TraceEvent.Kind.FREE, 1, 8192)));
        assertThat(TraceFormat.print(trace))
                .isEqualTo(
                        "# finemem-trace 1\n# command: true\ntime_us,operation,object,bytes\n0,a,1,8192\n17,f,1,8192\n");
        assertThat(parse(TraceFormat.print(trace))).isEqualTo(trace);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0,a,1                | an event has 4 fields",
                "0,a,1,4096,          | an event has 4 fields",
                "-1,a,1,4096          | time_us '-1' is not a whole number",
                "0,x,1,4096           | operation 'x' is neither 'a' (allocate) nor 'f' (free)",
                "0,a,one,4096         | object 'one' is not a whole number",
                "0,a,3000000000,4096  | object '3000000000' is not a whole number from 0 to 2147483647",
                "0,a,1,99999999999999999999 | bytes '99999999999999999999' is not a whole number",
                "0,a,1,5000           | length 5000 is not a positive multiple of 4096",
                "0,a,1,0              | length 0 is not a positive multiple of 4096",
                "0,a,2,4096           | object 2 is allocated where object 1 is next",
                "0,f,1,4096           | object 1 is freed but was not allocated"
            })
    void aBadFirstEventIsNamedWithFileAndLine(String line, String what) {
        assertThatThrownBy(() -> parse(START + line + "\n"))
                .isInstanceOf(MalformedTrace.class)
                .hasMessageStartingWith("file.csv:3: ")
                .hasMessageContaining(what);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "9,a,2,4096  | time 9 is before that of the event above, 10",
                "10,f,1,8192 | object 1 is freed with length 8192 but has 4096",
                "10,a,1,4096 | object 1 is allocated where object 2 is next"
            })
    void anEventThatContradictsEarlierOnesIsNamedWithFileAndLine(String line, String what) {
        assertThatThrownBy(() -> parse(START + "10,a,1,4096\n" + line + "\n"))
                .isInstanceOf(MalformedTrace.class)
                .hasMessageStartingWith("file.csv:4: ")
                .hasMessageContaining(what);
    }

    @Test
    void aSecondFreeIsRefused() {
        assertThatThrownBy(() -> parse(START + "0,a,1,4096\n1,f,1,4096\n2,f,1,4096\n"))
                .hasMessage("file.csv:5: object 1 is freed but was freed already");
    }

    @Test
    void aTextThatIsNoTraceIsRefusedAtItsFirstLine() {
        assertThatThrownBy(() -> parse("0 3\n")).hasMessageStartingWith("file.csv:1: a trace starts with the line");
        assertThatThrownBy(() -> parse("")).hasMessageStartingWith("file.csv:1: a trace starts with the line");
        assertThatThrownBy(() -> parse("# finemem-trace 1\n0,a,1,4096\n"))
                .hasMessageStartingWith("file.csv:2: the heading");
    }

    private static AllocationTrace parse(String text) {
        return TraceFormat.parse("random", "file.csv", new StringReader(text));
    }

    private static AllocationTrace randomTrace(SplittableRandom random) {
        List<TraceEvent> events = new ArrayList<>();
        List<TraceEvent> live = new ArrayList<>();
        long micros = 0;
        int objects = 0;
        for (int i = random.nextInt(100); i > 0; i--) {
            micros += random.nextInt(3) == 0 ? 0 : random.nextLong(1L << random.nextInt(1, 40));
            if (live.isEmpty() || random.nextInt(5) < 3) {
                long bytes = TraceEvent.PAGE_BYTES * random.nextLong(1, 1L << random.nextInt(1, 30));
                live.add(new TraceEvent(micros, TraceEvent.Kind.ALLOCATE, ++objects, bytes));
                events.add(live.get(live.size() - 1));
            } else {
                TraceEvent object = live.remove(random.nextInt(live.size()));
                events.add(new TraceEvent(micros, TraceEvent.Kind.FREE, object.object(), object.bytes()));
            }
        }
        return new AllocationTrace("random", List.of("command: x # y", "recorded: now"), events);
    }
}
