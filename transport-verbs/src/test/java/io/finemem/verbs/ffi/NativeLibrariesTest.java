package io.finemem.verbs.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.spi.transport.TransportUnavailable;
import org.junit.jupiter.api.Test;

class NativeLibrariesTest {
    /** A library that exists nowhere. */
    public interface Missing {
        /** Never called. */
        int nothing();
    }

    @Test
    void missingLibraryIsNamedWithTheRemedy() {
        assertThatThrownBy(() -> NativeLibraries.load(Missing.class, "libno-such-thing.so.9", "install no-such-thing"))
                .isInstanceOf(TransportUnavailable.class)
                .hasMessageContaining("libno-such-thing.so.9")
                .hasMessageEndingWith("install no-such-thing");
    }

    @Test
    void missingLibraryIsTriedAgain() {
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> NativeLibraries.load(Missing.class, "libno-such-thing.so.9", "install it"))
                    .isInstanceOf(TransportUnavailable.class);
        }
    }

    @Test
    void errorNumbersHaveTexts() {
        assertThat(Errno.describe(Errno.ENOMEM)).isEqualTo("errno 12, Cannot allocate memory");
        assertThat(Errno.describe(-Errno.EINVAL)).isEqualTo("errno 22, Invalid argument");
    }

    @Test
    void rawMemoryHoldsWhatWasPut() {
        long at = NativeMemory.allocate(64);
        try {
            assertThat(NativeMemory.getLong(at + 56)).isZero();
            NativeMemory.putLongRelease(at, -2);
            assertThat(NativeMemory.getLongAcquire(at)).isEqualTo(-2);
            NativeMemory.fill(at, 64, (byte) 7);
            assertThat(NativeMemory.bufferOver(at, 64).get(63)).isEqualTo((byte) 7);
            assertThat(NativeMemory.addressOf(NativeMemory.bufferOver(at, 64))).isEqualTo(at);
        } finally {
            NativeMemory.free(at);
        }
    }
}
