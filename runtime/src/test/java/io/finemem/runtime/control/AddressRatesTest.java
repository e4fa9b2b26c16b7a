package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AddressRatesTest {
    private static final int RATE = 10;

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // the clock of a JVM may wrap
    private final AddressRates rates = new AddressRates(RATE, clock::get);

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(4).putInt(number).array());
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private int allowed(int address, int asked) {
        int allowed = 0;
        for (int i = 0; i < asked; i++) {
            allowed += rates.allows(address(address)) ? 1 : 0;
        }
        return allowed;
    }

    @Test
    void anAddressGetsItsRateAtOnceAndAgainInTheNextSecond() {
        assertThat(allowed(1, 100)).isEqualTo(RATE);
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(allowed(1, 100)).isEqualTo(RATE / 2);
        clock.addAndGet(TimeUnit.HOURS.toNanos(1));
        assertThat(allowed(1, 100)).isEqualTo(RATE);
    }

    @Test
    void oneAddressTakesNothingFromAnother() {
        allowed(1, 100);
        assertThat(allowed(2, 100)).isEqualTo(RATE);
    }

    @Test
    void noMoreAddressesAreRememberedThanAllowed() {
        for (int i = 0; i < 2 * AddressRates.MAX_ADDRESSES; i++) {
            assertThat(rates.allows(address(i))).isTrue();
        }
        assertThat(rates.remembered()).isEqualTo(AddressRates.MAX_ADDRESSES);
    }
}
