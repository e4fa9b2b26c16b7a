package io.finemem.tck.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.coordination.Announcement;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerRegistration;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.coordination.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** C3, C5, C6: owners; for providers with owners. */
public abstract class OwnerContract extends CoordinationContract<CoordinationFixture> {
    private static final int PARTICIPANTS = 4;
    private static final int REGISTRATIONS = 25;

    /** For subclasses. */
    protected OwnerContract() {}

    @Test
    void incarnationsGrowWithEachRegistrationWhoeverMakesIt() {
        long first = join().registerOwner("cn1").identity().incarnation();
        long second = join().registerOwner("cn1").identity().incarnation();
        long third = join().registerOwner("cn2").identity().incarnation();

        assertThat(List.of(first, second, third)).isSorted().doesNotHaveDuplicates();
        assertThat(first).isPositive();
    }

    @Test
    void incarnationsGivenAtTheSameTimeAreDifferentAndGrowForEachParticipant() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(PARTICIPANTS);
        try {
            List<Callable<List<Long>>> tasks = new ArrayList<>();
            for (int i = 0; i < PARTICIPANTS; i++) {
                Coordination participant = join();
                tasks.add(() -> incarnations(participant));
            }
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isSorted();
                all.addAll(result.get());
            }
            assertThat(all).hasSize(PARTICIPANTS * REGISTRATIONS).doesNotHaveDuplicates();
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<Long> incarnations(Coordination participant) {
        List<Long> given = new ArrayList<>();
        for (int i = 0; i < REGISTRATIONS; i++) {
            given.add(participant.registerOwner("cn").identity().incarnation());
        }
        return given;
    }

    @Test
    void registeredOwnerLivesForAllBeyondItsLease() {
        Coordination witness = join();
        ChangeLog log = new ChangeLog();
        witness.watch(log);
        OwnerRegistration owner = join().registerOwner("cn1");
        awaitOwner(witness, owner.identity(), OwnerState.LIVE);
        letLeasesEnd(witness);

        eventually("the log has begun")
                .until(() -> !log.statesOf(owner.identity()).isEmpty());
        assertThat(log.statesOf(owner.identity())).containsExactly(OwnerState.LIVE);
        assertThat(owner.state()).isEqualTo(Registration.State.ACTIVE);
    }

    @Test
    void ownerThatVanishesIsSuspectedByAllAndNotDead() {
        Coordination witness = join();
        Coordination second = join();
        Coordination host = fixture().open();
        OwnerIdentity owner = host.registerOwner("cn1").identity();
        fixture().vanish(host);

        awaitOwner(witness, owner, OwnerState.SUSPECT);
        awaitOwner(second, owner, OwnerState.SUSPECT);
        assertThat(witness.view().hasEnded(owner)).isFalse();
    }

    @Test
    void ownerThatWentInGoodOrderHasLeft() {
        Coordination witness = join();
        OwnerRegistration owner = join().registerOwner("cn1");
        owner.close();
        owner.close();

        awaitOwner(witness, owner.identity(), OwnerState.LEFT);
        assertThat(witness.view().hasEnded(owner.identity())).isTrue();
        assertThat(owner.state()).isEqualTo(Registration.State.CLOSED);
    }

    @Test
    void ownerDeclaredDeadByOneIsDeadForAllAndLearnsIt() {
        Coordination witness = join();
        Coordination judge = join();
        OwnerRegistration owner = join().registerOwner("cn1");
        awaitOwner(judge, owner.identity(), OwnerState.LIVE);

        assertThat(judge.declareDead(owner.identity())).isEqualTo(Announcement.RECORDED);
        assertThat(judge.view().hasEnded(owner.identity())).isTrue();
        awaitOwner(witness, owner.identity(), OwnerState.DEAD);
        eventually("the owner learns it").until(() -> owner.state() == Registration.State.LOST);
    }

    @Test
    void deadOwnerStaysDeadWhileItsProcessGoesOn() {
        Coordination witness = join();
        ChangeLog log = new ChangeLog();
        witness.watch(log);
        OwnerRegistration owner = join().registerOwner("cn1");
        awaitOwner(witness, owner.identity(), OwnerState.LIVE);
        witness.declareDead(owner.identity());
        letLeasesEnd(witness);
        owner.close();
        letLeasesEnd(witness);

        eventually("the log ends with the death")
                .untilAsserted(() -> assertThat(log.statesOf(owner.identity())).endsWith(OwnerState.DEAD));
        assertThat(log.statesOf(owner.identity())).containsOnlyOnce(OwnerState.DEAD);
        assertThat(owner.state()).isIn(Registration.State.LOST, Registration.State.CLOSED);
    }

    @Test
    void declaringDeadTwiceChangesNothing() {
        Coordination judge = join();
        Coordination second = join();
        OwnerIdentity owner = join().registerOwner("cn1").identity();
        judge.declareDead(owner);
        awaitOwner(second, owner, OwnerState.DEAD);
        long revision = judge.view().revision();

        assertThat(second.declareDead(owner)).isEqualTo(Announcement.RECORDED);
        assertThat(judge.declareDead(owner)).isEqualTo(Announcement.RECORDED);
        assertThat(judge.view().revision()).isEqualTo(revision);
    }

    @Test
    void ownerThatLeftMayStillBeDeclaredDead() {
        Coordination judge = join();
        OwnerRegistration owner = join().registerOwner("cn1");
        owner.close();
        judge.declareDead(owner.identity());

        awaitOwner(join(), owner.identity(), OwnerState.DEAD);
    }

    @Test
    void suspectedOwnerMayBeDeclaredDead() {
        Coordination judge = join();
        Coordination host = fixture().open();
        OwnerIdentity owner = host.registerOwner("cn1").identity();
        fixture().vanish(host);
        awaitOwner(judge, owner, OwnerState.SUSPECT);
        judge.declareDead(owner);

        awaitOwner(join(), owner, OwnerState.DEAD);
    }

    @Test
    void deathOfOneRunDoesNotTouchTheNextRunOfTheSameName() {
        Coordination judge = join();
        OwnerIdentity first = join().registerOwner("cn1").identity();
        OwnerRegistration second = join().registerOwner("cn1");
        judge.declareDead(first);
        letLeasesEnd(judge);

        assertThat(judge.view().ownerState(second.identity())).contains(OwnerState.LIVE);
        assertThat(second.state()).isEqualTo(Registration.State.ACTIVE);
    }

    @Test
    void incarnationThatNobodyHasYetCannotBeDeclaredDead() {
        Coordination judge = join();
        OwnerIdentity future = new OwnerIdentity("cn1", (1L << 53) - 1);

        assertThatThrownBy(() -> judge.declareDead(future))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining(Long.toString(future.incarnation()));
        assertThat(judge.view().hasEnded(future)).isFalse();
    }
}
