package io.finemem.it.soak;

import io.finemem.allocator.control.Isolation;
import io.finemem.runtime.soak.SoakOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShmSoakTest {
    private static final int FEW = 16;
    private static final int MANY = 200;

    @ParameterizedTest
    @EnumSource
    void someKilledOwnersLoseNothing(Isolation isolation) {
        KillLoop.run("shm", SoakOptions.of(KillLoop.seed(), isolation, FEW));
    }

    @Tag("slow")
    @Test
    void manyKilledAndSomeStoppedOwnersLoseNothing() {
        KillLoop.run("shm", SoakOptions.of(KillLoop.seed(), Isolation.STRICT, KillLoop.kills(MANY)));
    }
}
