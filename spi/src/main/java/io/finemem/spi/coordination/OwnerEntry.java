package io.finemem.spi.coordination;

/**
 * An owner as the directory lists it.
 *
 * @param identity who
 * @param state whether it lives
 */
public record OwnerEntry(OwnerIdentity identity, OwnerState state) {}
