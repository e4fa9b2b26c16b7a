package io.finemem.runtime.trace.strace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.runtime.trace.AllocationTrace;
import io.finemem.runtime.trace.TraceFormat;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StraceToTraceTest {
    private static final String ANONYMOUS = "MAP_PRIVATE|MAP_ANONYMOUS, -1, 0";

    @Test
    void aMapAndItsUnmapAreOneObjectRoundedToPages() {
        assertThat(events(
                        "mmap(NULL, 5000, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "munmap(0x10000, 5000) = 0"))
                .containsExactly("0,a,1,8192", "10,f,1,8192");
    }

    @Test
    void aPartThatIsUnmappedEarlierIsAnObjectOfItsOwn() {
        assertThat(events(
                        "mmap(NULL, 65536, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "munmap(0x14000, 16384) = 0",
                        "munmap(0x10000, 65536) = 0"))
                .containsExactly(
                        "0,a,1,16384", "0,a,2,16384", "0,a,3,32768", "10,f,2,16384", "20,f,1,16384", "20,f,3,32768");
    }

    @Test
    void anUnmapOverTwoMappingsFreesBothAndOnlyTheirPages() {
        assertThat(events(
                        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x13000",
                        "munmap(0x11000, 12288) = 0"))
                .containsExactly(
                        "0,a,1,4096", "0,a,2,4096", "10,a,3,4096", "10,a,4,4096", "20,f,2,4096", "20,f,3,4096");
    }

    @Test
    void aReservationCountsFromTheCallThatMakesItWritable() {
        assertThat(events(
                        "mmap(NULL, 67108864, PROT_NONE, " + ANONYMOUS + ") = 0x10000000",
                        "mprotect(0x10000000, 135168, PROT_READ|PROT_WRITE) = 0",
                        "mprotect(0x10000000, 139264, PROT_READ|PROT_WRITE) = 0",
                        "mprotect(0x10000000, 4096, PROT_NONE) = 0",
                        "munmap(0x10000000, 67108864) = 0"))
                .containsExactly("0,a,1,135168", "10,a,2,4096", "30,f,1,135168", "30,f,2,4096");
    }

    @Test
    void mappingOverUsedPagesFreesThem() {
        assertThat(
                        events(
                                "mmap(NULL, 16384, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                                "mmap(0x11000, 4096, PROT_NONE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x11000"))
                .containsExactly("0,a,1,4096", "0,a,2,4096", "0,a,3,8192", "10,f,2,4096");
    }

    @Test
    void theHeapGrowsAndShrinksAtItsEnd() {
        assertThat(events(
                        "brk(NULL) = 0x555500000000",
                        "brk(0x555500021000) = 0x555500021000",
                        "brk(0x555500042000) = 0x555500042000",
                        "brk(0x555500011000) = 0x555500011000"))
                .containsExactly("0,a,1,69632", "0,a,2,65536", "10,a,3,135168", "20,f,2,65536", "20,f,3,135168");
    }

    @Test
    void aMovedMappingKeepsItsObjectAndGrowsByAnother() {
        assertThat(events(
                        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "mremap(0x10000, 8192, 12288, MREMAP_MAYMOVE) = 0x50000",
                        "munmap(0x10000, 8192) = 0",
                        "mremap(0x50000, 12288, 4096, MREMAP_MAYMOVE) = 0x50000",
                        "munmap(0x50000, 4096) = 0"))
                .containsExactly(
                        "0,a,1,4096", "0,a,2,4096", "10,a,3,4096", "30,f,2,4096", "30,f,3,4096", "40,f,1,4096");
    }

    @Test
    void filesStacksReadOnlyMemoryAndFailedCallsDoNotCount() {
        assertThat(events(
                        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0) = 0x10000",
                        "mmap(NULL, 8392704, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_STACK, -1, 0) = 0x7f0000000000",
                        "mprotect(0x7f0000001000, 8388608, PROT_READ|PROT_WRITE) = 0",
                        "mmap(NULL, 8192, PROT_READ, " + ANONYMOUS + ") = 0x20000",
                        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, " + ANONYMOUS
                                + ") = -1 ENOMEM (Cannot allocate memory)",
                        "munmap(0x10000, 8192) = 0"))
                .isEmpty();
    }

    @Test
    void threadsShareTheAddressSpaceAndForkedProcessesDoNot() {
        assertThat(convert(
                        "1 1.000000 execve(\"/bin/x\", [\"x\"], 0x7ffd /* 9 vars */) = 0",
                        "2 1.000001 mmap(NULL, 4096, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "1 1.000002 clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x1} => {parent_tid=[2]}, 88) = 2",
                        "1 1.000003 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x1) = 3",
                        "3 1.000004 mmap(NULL, 4096, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "3 1.000005 munmap(0x10000, 4096) = 0",
                        "1 1.000006 munmap(0x10000, 4096) = 0",
                        "2 1.000007 +++ exited with 0 +++"))
                .containsExactly("0,a,1,4096", "5,f,1,4096");
    }

    @Test
    void callsCutInTwoTakeEffectWhereTheAddressesChangeHands() {
        assertThat(convert(
                        "1 1.000000 clone3({flags=CLONE_VM|CLONE_THREAD} => {parent_tid=[2]}, 88) = 2",
                        "1 1.000001 mmap(NULL, 4096, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "1 1.000010 munmap(0x10000, 4096 <unfinished ...>",
                        "2 1.000011 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0 <unfinished ...>",
                        "2 1.000012 <... mmap resumed>) = 0x10000",
                        "1 1.000013 <... munmap resumed>) = 0",
                        "2 1.000021 munmap(0x10000, 4096) = 0",
                        "1 1.000030 exit_group(0) = ?"))
                .containsExactly("0,a,1,4096", "9,f,1,4096", "11,a,2,4096", "20,f,2,4096");
    }

    @Test
    void anotherProgramInTheSameProcessStartsWithNothing() {
        assertThat(events(
                        "mmap(NULL, 4096, PROT_READ|PROT_WRITE, " + ANONYMOUS + ") = 0x10000",
                        "execve(\"/bin/y\", [\"y\"], 0x7ffd /* 9 vars */) = 0",
                        "brk(NULL) = 0x555500000000"))
                .containsExactly("0,a,1,4096", "10,f,1,4096");
    }

    @Test
    void aLineThatIsNoSystemCallIsNamed() {
        assertThatThrownBy(() -> convert("1 1.000000 brk(NULL) = 0x1000", "strace: out of luck"))
                .isInstanceOf(MalformedLog.class)
                .hasMessage("line 2: no thread, time and call in 'strace: out of luck'");
        assertThatThrownBy(() -> convert("1 1.000000 <... mmap resumed>) = 0x1000"))
                .hasMessage("line 1: mmap of thread 1 is resumed but was not begun");
    }

    /** Events of calls of one thread, 10 us apart. */
    private static List<String> events(String... calls) {
        String[] lines = new String[calls.length];
        for (int i = 0; i < calls.length; i++) {
            lines[i] = String.format("1 1.%06d %s", 10 * i, calls[i]);
        }
        return convert(lines);
    }

    private static List<String> convert(String... log) {
        AllocationTrace trace = StraceToTrace.convert("test", List.of(), Arrays.asList(log));
        return TraceFormat.print(trace).lines().skip(2).toList();
    }
}
