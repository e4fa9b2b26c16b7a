package io.finemem.spi.coordination;

/**
 * This process's registration of an owner. Closing it, in good order, makes the owner {@code LEFT}. It is
 * {@code LOST} once somebody declared the owner dead: the process must stop using its memory and join under a new
 * incarnation.
 */
public interface OwnerRegistration extends Registration {

    /** Name and incarnation. */
    OwnerIdentity identity();
}
