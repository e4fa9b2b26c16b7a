package io.finemem.spi.coordination;

/** What a provider may be able to do beyond listing memory nodes. */
public enum CoordinationFeature {
    /** Memory nodes register themselves, with a lease. */
    REGISTRATION,
    /** Owners are registered, given incarnations, and declared dead for all. */
    OWNERS,
    /** Barriers. */
    BARRIERS
}
