package io.finemem.spi.coordination;

/** Whether an owner lives, as the whole cluster sees it. */
public enum OwnerState {
    /** Its lease is refreshed. */
    LIVE,
    /**
     * Its lease ran out. It may be slow and come back, or be dead: memory nodes judge by their own sessions with it.
     */
    SUSPECT,
    /** It went in good order. Final, except that it may still be declared dead. */
    LEFT,
    /** It was declared dead. Final. */
    DEAD;

    /** Whether it will never live again. */
    public boolean ended() {
        return this == LEFT || this == DEAD;
    }
}
