package io.finemem.allocator.data;

/** Where blocks come from and go back to. */
@FunctionalInterface
public interface BlockHome {

    /**
     * Frees a block that was {@linkplain HeldBlock#markFreed marked}. If nothing was sent and it is still held, takes the
     * mark {@linkplain HeldBlock#unmarkFreed back} before it throws.
     */
    void free(HeldBlock marked);
}
