package io.finemem.transport.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.Operation;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.tck.DeviceUnderTest;
import io.finemem.verbs.disni.RequiresRxe;
import io.finemem.verbs.ffi.MwFields;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How window elements are posted, both ways that devices know, and what becomes of windows when chains fail. */
@RequiresRxe
class WindowPostingRxeTest {
    private static final Set<Access> ALL = Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC);
    private static final Set<Access> BINDABLE =
            Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC, Access.WINDOW_BIND);
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(30);
    private static final int PAGE = 4096;

    private VerbsTransport transport;
    private VerbsDomain domain;
    private MemoryRegion region;
    private Connection poster;

    private void open(boolean bindsByRequest) {
        TransportSettings source = DeviceUnderTest.ofThisRun().transportSettings();
        VerbsSettings settings = VerbsSettings.of(source, VerbsSettings.KEYS);
        Endpoint endpoint = new EndpointChoice(
                        RdmaDevices.ofThisMachine(), device -> device.kind() == RdmaDevice.Kind.RXE, "rxe device")
                .choose(settings, source);
        VerbsTransport probed = CapabilityProbe.open("verbs", VerbsDevice.open(endpoint, settings), () -> {});
        assertThat(probed.bindsByRequest()).isTrue();
        assertThat(probed.capabilities().windowBoundsEnforced())
                .isEqualTo(endpoint.device().kind() == RdmaDevice.Kind.HARDWARE);
        probed.close();
        transport = new VerbsTransport(
                "verbs", VerbsDevice.open(endpoint, settings), probed.capabilities(), bindsByRequest, () -> {});
        domain = (VerbsDomain) transport.newDomain();
        region = domain.allocate(16 * PAGE, BINDABLE);
        poster = connect();
    }

    private Connection connect() {
        Connection left = domain.newConnection(ConnectionOptions.of("loop-back"));
        Connection right = domain.newConnection(ConnectionOptions.of("loop-back"));
        left.connect(right.descriptor());
        right.connect(left.descriptor());
        return left;
    }

    @AfterEach
    void close() {
        transport.close();
    }

    private CompletionStatus post(Connection connection, Consumer<Chain> filling) {
        try (Chain chain = connection.newChain(16)) {
            filling.accept(chain);
            return connection.execute(chain, LIMIT);
        }
    }

    private void write(int rkey, long value, CompletionStatus expected) {
        Connection connection = connect();
        assertThat(post(connection, chain -> chain.writeWord(region.address(), rkey, value)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bindAndInvalidateWorkEitherWay(boolean byRequest) {
        open(byRequest);
        VerbsWindow window = (VerbsWindow) domain.newWindow();
        assertThat(post(poster, chain -> chain.bind(window, region, 0, PAGE, ALL)))
                .isEqualTo(CompletionStatus.SUCCESS);
        int first = window.rkey();
        write(first, 1, CompletionStatus.SUCCESS);
        assertThat(post(poster, chain -> chain.bind(window, region, 0, PAGE, ALL)))
                .isEqualTo(CompletionStatus.SUCCESS);
        assertThat(window.rkey()).isEqualTo(MwFields.nextKey(first));
        write(first, 2, CompletionStatus.REMOTE_ACCESS_ERROR);
        write(window.rkey(), 3, CompletionStatus.SUCCESS);
        int second = window.rkey();
        assertThat(post(poster, chain -> chain.invalidate(window))).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(window.rkey()).isZero();
        write(second, 4, CompletionStatus.REMOTE_ACCESS_ERROR);
        assertThat(region.getWord(0)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneWindowMayBeBoundTwiceInOneChain(boolean byRequest) {
        open(byRequest);
        VerbsWindow window = (VerbsWindow) domain.newWindow();
        VerbsWindow other = (VerbsWindow) domain.newWindow();
        long doorbells = poster.counters().doorbells();
        assertThat(post(poster, chain -> {
                    chain.writeWord(region.address(), region.rkey(), 1);
                    chain.bind(window, region, PAGE, PAGE, ALL);
                    chain.bind(other, region, 0, PAGE, ALL);
                    chain.bind(window, region, 0, PAGE, ALL);
                    chain.fetchAdd(region.address(), region.rkey(), 1);
                }))
                .isEqualTo(CompletionStatus.SUCCESS);
        assertThat(poster.counters().doorbells() - doorbells).isEqualTo(byRequest ? 2 : 5);
        assertThat(poster.counters().posted(Operation.BIND_WINDOW)).isEqualTo(3);
        assertThat(region.getWord(0)).isEqualTo(2);
        write(window.rkey(), 7, CompletionStatus.SUCCESS);
        write(other.rkey(), 8, CompletionStatus.SUCCESS);
        assertThat(window.bindCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void windowOfAFlushedBindIsEndedAndCanBeBoundAgain(boolean byRequest) {
        open(byRequest);
        VerbsWindow window = (VerbsWindow) domain.newWindow();
        post(poster, chain -> chain.bind(window, region, 0, PAGE, ALL));
        int bound = window.rkey();
        Connection broken = connect();
        assertThat(post(broken, chain -> {
                    chain.readWord(region.address(), region.rkey() ^ 0x0100);
                    chain.bind(window, region, 0, PAGE, ALL);
                    chain.readWord(region.address(), region.rkey());
                }))
                .isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
        assertThat(broken.state()).isEqualTo(ConnectionState.ERROR);
        assertThat(window.rkey()).isZero();
        write(bound, 1, CompletionStatus.REMOTE_ACCESS_ERROR);
        assertThat(post(poster, chain -> chain.bind(window, region, 0, PAGE, ALL)))
                .isEqualTo(CompletionStatus.SUCCESS);
        write(window.rkey(), 2, CompletionStatus.SUCCESS);
        window.close();
        region.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void windowOfARefusedBindIsAsBefore(boolean byRequest) {
        open(byRequest);
        VerbsWindow window = (VerbsWindow) domain.newWindow();
        post(poster, chain -> chain.bind(window, region, 0, PAGE, ALL));
        int bound = window.rkey();
        int wrong = bound ^ 0x55;
        MwFields.setRemoteKey(window.mw(), wrong);
        assertThat(post(connect(), chain -> chain.bind(window, region, PAGE, PAGE, ALL)))
                .isEqualTo(CompletionStatus.WINDOW_BIND_ERROR);
        assertThat(window.deviceKey()).isEqualTo(wrong);
        assertThat(window.rkey()).isEqualTo(bound);
        write(bound, 1, CompletionStatus.SUCCESS);
        MwFields.setRemoteKey(window.mw(), bound);
        assertThat(post(poster, chain -> chain.bind(window, region, 0, PAGE, ALL)))
                .isEqualTo(CompletionStatus.SUCCESS);
        write(window.rkey(), 2, CompletionStatus.SUCCESS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingAConnectionWithBindsInFlightLeavesTheWindowUsable(boolean byRequest) {
        open(byRequest);
        VerbsWindow window = (VerbsWindow) domain.newWindow();
        Connection closing = connect();
        Chain chain = closing.newChain(2);
        chain.bind(window, region, 0, PAGE, ALL);
        closing.submit(chain);
        closing.close();
        assertThat(closing.poll()).isSameAs(chain);
        assertThat(chain.status()).isEqualTo(CompletionStatus.FLUSHED);
        assertThat(window.rkey()).isZero();
        assertThat(post(poster, again -> again.bind(window, region, 0, PAGE, ALL)))
                .isEqualTo(CompletionStatus.SUCCESS);
        write(window.rkey(), 2, CompletionStatus.SUCCESS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void windowOrRegionClosedAfterFillingIsRefusedWhenPosting(boolean byRequest) {
        open(byRequest);
        VerbsWindow window = (VerbsWindow) domain.newWindow();
        MemoryRegion other = domain.allocate(PAGE, BINDABLE);
        try (Chain chain = poster.newChain(1)) {
            chain.bind(window, other, 0, 8, ALL);
            other.close();
            assertThatThrownBy(() -> poster.submit(chain)).isInstanceOf(InvalidRequest.class);
            chain.clear().bind(window, region, 0, 8, ALL);
            window.close();
            assertThatThrownBy(() -> poster.submit(chain)).isInstanceOf(InvalidRequest.class);
        }
        assertThat(poster.state()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(poster.chainsInFlight()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16})
    void slotsOfTheRingAreReusedAroundItsEnd(int elements) {
        open(true);
        Map<Integer, Long> expected = new java.util.HashMap<>();
        Connection small = domain.newConnection(ConnectionOptions.of("small").withMaxElementsInFlight(16));
        Connection server = domain.newConnection(ConnectionOptions.of("small"));
        small.connect(server.descriptor());
        server.connect(small.descriptor());
        try (Chain chain = small.newChain(elements)) {
            for (int round = 0; round < 50; round++) {
                chain.clear();
                for (int i = 0; i < elements; i++) {
                    chain.fetchAdd(region.address() + 8L * i, region.rkey(), i + 1L);
                }
                assertThat(small.execute(chain, LIMIT)).isEqualTo(CompletionStatus.SUCCESS);
                for (int i = 0; i < elements; i++) {
                    assertThat(chain.word(i)).isEqualTo(expected.getOrDefault(i, 0L));
                    expected.merge(i, i + 1L, Long::sum);
                }
            }
        }
        assertThat(small.counters().doorbells()).isEqualTo(50);
        assertThat(small.counters().completions()).isEqualTo(50);
    }
}
