package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.BlockHandle;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.service.ipc.BlockRecord;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is logged or put into an exception shows no key. */
class SecretsInTextTest {
    private static final int KEY = 0x5ec4e7aa;
    private static final long HALF_TOKEN = 0x1234_5678_9abc_def1L;

    static List<Object> holders() {
        return List.of(
                new BlockHandle("mn0", 4096, 8192, KEY, 3),
                new BlockRecord(1, 4096, 2, KEY, 0, false, 3),
                new PoolDescription("mn0", 7, Isolation.STRICT, 2, 4096, KEY, 8192),
                ResumeToken.of(HALF_TOKEN, HALF_TOKEN),
                new ResumableGrant(
                        new OwnerGrant(1, 10, new JournalSegment(0, 256)), ResumeToken.of(HALF_TOKEN, HALF_TOKEN)));
    }

    @ParameterizedTest
    @MethodSource("holders")
    void noTextFormShowsAKey(Object holder) {
        assertShowsNo(holder, KEY);
        assertThat(holder.toString())
                .doesNotContain(Long.toHexString(HALF_TOKEN))
                .doesNotContain(Long.toString(HALF_TOKEN));
    }

    private static void assertShowsNo(Object holder, int key) {
        assertThat(holder.toString())
                .doesNotContainIgnoringCase(Integer.toHexString(key))
                .doesNotContain(Integer.toString(key))
                .doesNotContain(Integer.toUnsignedString(key));
    }

    @Test
    void aLiveBlockShowsWhatItsHandleShows() {
        try (FineMem memory = FineMem.embedded();
                RemoteBlock block = memory.allocate(4096)) {
            assertThat(block.handle().rkey()).isNotZero();
            assertThat(block).hasToString(block.handle().toString());
            assertThat(memory.describe()).doesNotContain("rkey");
        }
    }
}
