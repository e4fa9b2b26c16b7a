package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationFeature;
import io.finemem.spi.coordination.CoordinationUnsupported;
import io.finemem.spi.coordination.OwnerIdentity;
import java.util.Locale;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** C10: what is declared works, what is not declared fails as such; for every provider. */
public abstract class FeatureContract extends CoordinationContract<CoordinationFixture> {

    /** For subclasses. */
    protected FeatureContract() {}

    @Test
    void registrationIsThereIfDeclaredAndRefusedOtherwise() {
        Coordination coordination = join();

        check(coordination, CoordinationFeature.REGISTRATION, () -> coordination
                .registerMemoryNode(node("mn", 1, 1))
                .close());
    }

    @Test
    void ownersAreThereIfDeclaredAndRefusedOtherwise() {
        Coordination coordination = join();

        check(coordination, CoordinationFeature.OWNERS, () -> coordination
                .registerOwner("cn")
                .close());
    }

    @Test
    void declaringDeadIsThereIfDeclaredAndRefusedOtherwise() {
        Coordination coordination = join();

        check(coordination, CoordinationFeature.OWNERS, () -> coordination.declareDead(new OwnerIdentity("cn", 1)));
    }

    @Test
    void barriersAreThereIfDeclaredAndRefusedOtherwise() {
        Coordination coordination = join();

        check(coordination, CoordinationFeature.BARRIERS, () -> coordination
                .barrier("b", 1)
                .await(PATIENCE));
    }

    private static void check(Coordination coordination, CoordinationFeature feature, ThrowingCallable call) {
        if (coordination.features().contains(feature)) {
            assertThatCode(call).doesNotThrowAnyException();
            return;
        }
        long revision = coordination.view().revision();
        assertThatThrownBy(call)
                .isInstanceOf(CoordinationUnsupported.class)
                .hasMessageContaining(feature.name().toLowerCase(Locale.ROOT));
        assertThat(coordination.view().revision()).isEqualTo(revision);
    }
}
