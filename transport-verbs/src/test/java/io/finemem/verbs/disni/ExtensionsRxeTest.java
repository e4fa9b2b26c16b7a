package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.sun.management.ThreadMXBean;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibC;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.NativeMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What DiSNI lacks: devices by name, queue pairs without ids, windows; and that posting and polling makes no garbage. */
@RequiresRxe
@Timeout(120)
class ExtensionsRxeTest {
    private static final int SUCCESS = IbvWC.IbvWcStatus.IBV_WC_SUCCESS.ordinal();
    private static final int BIND_ERROR = IbvWC.IbvWcStatus.IBV_WC_MW_BIND_ERR.ordinal();
    private static final int REMOTE_ACCESS_ERROR = IbvWC.IbvWcStatus.IBV_WC_REM_ACCESS_ERR.ordinal();
    private static final int READ = IbvSendWR.IBV_WR_RDMA_READ;
    private static final int WRITE = IbvSendWR.IBV_WR_RDMA_WRITE;
    private static final int READABLE = IbvMr.IBV_ACCESS_REMOTE_READ;
    private static final int SIGNALED = IbvSendWR.IBV_SEND_SIGNALED;

    private LoopBack loop;

    @BeforeEach
    void open() throws IOException {
        loop = new LoopBack();
        NativeMemory.putLong(loop.memory, 0x1122334455667788L);
    }

    @AfterEach
    void close() throws Exception {
        loop.close();
    }

    @Test
    void queuePairWithoutAnIdReadsAndWrites() throws IOException {
        assertThat(loop.post(loop.word(READ, 0, loop.target.getRkey()))).isEqualTo(SUCCESS);
        assertThat(loop.localWord()).isEqualTo(0x1122334455667788L);

        assertThat(loop.post(loop.word(WRITE, 8, loop.target.getRkey()))).isEqualTo(SUCCESS);
        assertThat(NativeMemory.getLong(loop.memory + 8)).isEqualTo(0x1122334455667788L);
    }

    @Test
    void refusedAccessPutsTheQueuePairInErrorAndItCanBeConnectedAgain() throws IOException {
        assertThat(loop.post(loop.word(READ, LoopBack.BYTES, loop.target.getRkey())))
                .isEqualTo(REMOTE_ACCESS_ERROR);
        assertThat(loop.verbs.queryQpState(loop.qp)).isEqualTo(com.ibm.disni.verbs.IbvQP.IBV_QPS_ERR);

        loop.connect(RxeDevice.find());

        assertThat(loop.post(loop.word(READ, 0, loop.target.getRkey()))).isEqualTo(SUCCESS);
    }

    @Test
    void windowOfType1OpensWithItsNewKeyAndEachRebindEndsTheOldOne() throws IOException {
        JnrMw window = loop.verbs.allocWindow(loop.pd, JnrMw.IBV_MW_TYPE_1);
        WindowBinding binding = new WindowBinding(loop.target, loop.memory, 64, READABLE);

        int first = loop.verbs.bindWindow(loop.qp, window, binding, 1, SIGNALED);
        assertThat(loop.status()).isEqualTo(SUCCESS);
        assertThat(loop.verbs.windowKey(window)).isEqualTo(first);
        assertThat(loop.post(loop.word(READ, 0, first))).isEqualTo(SUCCESS);
        assertThat(loop.localWord()).isEqualTo(0x1122334455667788L);

        int second = loop.verbs.bindWindow(loop.qp, window, binding, 2, SIGNALED);
        assertThat(loop.status()).isEqualTo(SUCCESS);
        assertThat(second).isNotEqualTo(first);
        assertThat(loop.post(loop.word(READ, 0, second))).isEqualTo(SUCCESS);
        assertThat(loop.post(loop.word(READ, 0, first))).isEqualTo(REMOTE_ACCESS_ERROR);
        loop.verbs.deallocWindow(window);
    }

    @Test
    void readOnlyWindowRefusesWrites() throws IOException {
        JnrMw window = loop.verbs.allocWindow(loop.pd, JnrMw.IBV_MW_TYPE_1);
        int key = loop.verbs.bindWindow(
                loop.qp, window, new WindowBinding(loop.target, loop.memory, 64, READABLE), 1, SIGNALED);
        assertThat(loop.status()).isEqualTo(SUCCESS);

        assertThat(loop.post(loop.word(WRITE, 0, key))).isEqualTo(REMOTE_ACCESS_ERROR);
        assertThat(NativeMemory.getLong(loop.memory)).isEqualTo(0x1122334455667788L);
        loop.verbs.deallocWindow(window);
    }

    @Test
    void emptyBindingEndsTheKey() throws IOException {
        JnrMw window = loop.verbs.allocWindow(loop.pd, JnrMw.IBV_MW_TYPE_1);
        int key = loop.verbs.bindWindow(
                loop.qp, window, new WindowBinding(loop.target, loop.memory, 64, READABLE), 1, SIGNALED);
        assertThat(loop.status()).isEqualTo(SUCCESS);
        int none = loop.verbs.bindWindow(
                loop.qp, window, new WindowBinding(loop.target, loop.memory, 0, READABLE), 2, SIGNALED);
        assertThat(loop.status()).isEqualTo(SUCCESS);

        assertThat(loop.post(loop.word(READ, 0, key))).isEqualTo(REMOTE_ACCESS_ERROR);
        loop.connect(RxeDevice.find());
        assertThat(loop.post(loop.word(READ, 0, none))).isEqualTo(REMOTE_ACCESS_ERROR);
        loop.verbs.deallocWindow(window);
    }

    @Test
    void bindThatFailsCanBeUndoneSoThatTheWindowBindsAgain() throws IOException {
        JnrMw window = loop.verbs.allocWindow(loop.pd, JnrMw.IBV_MW_TYPE_1);
        int before = loop.verbs.windowKey(window);
        JnrMr plain =
                loop.verbs.regMemory(loop.pd, loop.memory, LoopBack.BYTES, IbvMr.IBV_ACCESS_LOCAL_WRITE | READABLE);

        loop.verbs.bindWindow(loop.qp, window, new WindowBinding(plain, loop.memory, 64, READABLE), 1, SIGNALED);
        assertThat(loop.status()).isEqualTo(BIND_ERROR);
        loop.verbs.setWindowKey(window, before);
        loop.connect(RxeDevice.find());

        int key = loop.verbs.bindWindow(
                loop.qp, window, new WindowBinding(loop.target, loop.memory, 64, READABLE), 2, SIGNALED);
        assertThat(loop.status()).isEqualTo(SUCCESS);
        assertThat(loop.post(loop.word(READ, 0, key))).isEqualTo(SUCCESS);
        loop.verbs.deallocWindow(window);
        loop.verbs.deregMemory(plain);
    }

    @Test
    void windowOfType2IsBoundAndUsedInOneChainAndInvalidated() throws IOException {
        JnrMw window = loop.verbs.allocWindow(loop.pd, JnrMw.IBV_MW_TYPE_2);
        int key = loop.verbs.nextWindowKey(window);
        WindowBinding binding = new WindowBinding(loop.target, loop.memory, 64, READABLE);

        assertThat(loop.post(ExtendedSendWR.bind(window, key, binding), loop.word(READ, 0, key)))
                .isEqualTo(SUCCESS);
        loop.verbs.setWindowKey(window, key);
        assertThat(loop.localWord()).isEqualTo(0x1122334455667788L);
        IbvSendWR invalidate = ExtendedSendWR.localInvalidate(key);
        invalidate.setSend_flags(SIGNALED);
        assertThat(loop.post(invalidate)).isEqualTo(SUCCESS);
        assertThat(loop.post(loop.word(READ, 0, key))).isEqualTo(REMOTE_ACCESS_ERROR);
        loop.verbs.deallocWindow(window);
    }

    @Test
    void wrongUseIsRefusedWithItsCause() throws IOException {
        JnrMw window = loop.verbs.allocWindow(loop.pd, JnrMw.IBV_MW_TYPE_2);
        WindowBinding binding = new WindowBinding(loop.target, loop.memory, 64, READABLE);

        assertThatThrownBy(() -> loop.verbs.bindWindow(loop.qp, window, binding, 1, SIGNALED))
                .hasMessageContaining("type 1");
        assertThatThrownBy(() -> loop.verbs.openDevice("none0"))
                .hasMessageContaining("none0")
                .hasMessageContaining(RxeDevice.find().name());
        assertThatThrownBy(() -> loop.verbs.regMemory(loop.pd, 16, 1L << 33, READABLE))
                .hasMessageContaining("ibv_reg_mr of 8589934592 bytes");
        assertThat(loop.verbs.deallocPd(loop.pd)).isEqualTo(16);
        assertThat(loop.pd.isOpen()).isTrue();
        loop.verbs.deallocWindow(window);
        assertThatThrownBy(() -> loop.verbs.windowKey(window)).hasMessageContaining("closed");
    }

    @Test
    @Tag("slow")
    void regionAboveTwoGigabytesIsReachedToItsLastByte() throws IOException {
        long bytes = (1L << 31) + LoopBack.BYTES;
        Pointer anywhere = Pointer.wrap(Runtime.getSystemRuntime(), 0);
        LibC libc = NativeLibraries.libc();
        long memory = libc.mmap(anywhere, bytes, LibC.PROT_READ_WRITE, LibC.MAP_PRIVATE_ANONYMOUS, -1, 0);
        assertThat(memory)
                .as("mmap of 2 GB (the guest needs 3 GB): %s", Errno.describe(Errno.last()))
                .isNotEqualTo(LibC.MAP_FAILED);
        JnrMr region = loop.verbs.regMemory(loop.pd, memory, bytes, LoopBack.ACCESS);
        long last = memory + bytes - Long.BYTES;
        NativeMemory.putLong(last, 99);

        assertThat(region.length()).isEqualTo(bytes);
        assertThat(region.getLength()).isEqualTo(Integer.MAX_VALUE);
        IbvSendWR read = loop.word(READ, 0, region.getRkey());
        read.getRdma().setRemote_addr(last);
        assertThat(loop.post(read)).isEqualTo(SUCCESS);
        assertThat(loop.localWord()).isEqualTo(99);
        loop.verbs.deregMemory(region);
        assertThat(libc.munmap(memory, bytes)).isZero();
    }

    @Test
    void postingAndPollingMakesNoGarbage() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        IbvSendWR swap = loop.word(IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP, 8, 0);
        swap.getAtomic().setRemote_addr(loop.memory + 8);
        swap.getAtomic().setRkey(loop.target.getRkey());
        swap.setSend_flags(0);
        PostSendCall call = new PostSendCall(loop.qp, List.of(swap, loop.word(READ, 8, loop.target.getRkey())));
        long thread = Thread.currentThread().getId();
        execute(call, 0, 50);
        long before = threads.getThreadAllocatedBytes(thread);

        execute(call, 50, 1000);

        assertThat(threads.getThreadAllocatedBytes(thread) - before).isZero();
        assertThat(NativeMemory.getLong(loop.memory + 8)).isEqualTo(1050);
    }

    private void execute(PostSendCall call, int from, int rounds) throws IOException {
        for (int value = from; value < from + rounds; value++) {
            call.getWrMod(0).setOperands(value, value + 1);
            call.execute();
            while (loop.poll.execute().getPolls() == 0) {
                Thread.onSpinWait();
            }
        }
    }
}
