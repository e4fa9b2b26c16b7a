package io.finemem.transport.rxe;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import java.util.Set;

/** Registers 16 MiB, in a process with less locked memory. */
final class RegisterMuch {
    static final int REFUSED = 3;

    private RegisterMuch() {}

    public static void main(String[] args) {
        try (Transport transport = new RxeProvider().open(TransportSettings.empty());
                ProtectionDomain domain = transport.newDomain()) {
            domain.allocate(16 << 20, Set.of()).close();
        } catch (OutOfLocalResources e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
            System.exit(REFUSED);
        }
    }
}
