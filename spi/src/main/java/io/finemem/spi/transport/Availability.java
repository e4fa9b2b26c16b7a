package io.finemem.spi.transport;

/**
 * Whether a transport can work here, as found by a probe.
 *
 * @param available whether {@link TransportProvider#open} is expected to succeed
 * @param detail if available: which device or path would be used; otherwise the cause, in one line
 * @param hint what to do about it, empty if available
 */
public record Availability(boolean available, String detail, String hint) {

    /** It works, with this device or path. */
    public static Availability available(String detail) {
        return new Availability(true, detail, "");
    }

    /** It does not work. */
    public static Availability unavailable(String cause, String hint) {
        return new Availability(false, cause, hint);
    }
}
