package io.finemem.allocator.control;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * Secret of a resumable owner: who shows it may take the owner over. It never appears in a text.
 *
 * <pre>
 *   bytes  0..7 high   8..15 low     128 random bits
 * </pre>
 */
public final class ResumeToken {
    /** Length of {@link #bytes()}. */
    public static final int BYTES = 2 * Long.BYTES;

    private final byte[] secret;

    private ResumeToken(byte[] secret) {
        this.secret = secret;
    }

    /** A new one. */
    public static ResumeToken random() {
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        return new ResumeToken(secret);
    }

    /**
     * One that was stored or sent.
     *
     * @param high bytes 0 to 7, the most significant first
     * @param low bytes 8 to 15
     */
    public static ResumeToken of(long high, long low) {
        return new ResumeToken(
                ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array());
    }

    /** Bytes 0 to 7. */
    public long high() {
        return ByteBuffer.wrap(secret).getLong(0);
    }

    /** Bytes 8 to 15. */
    public long low() {
        return ByteBuffer.wrap(secret).getLong(Long.BYTES);
    }

    /** A copy, to be stored where only the owner reads it. */
    public byte[] bytes() {
        return secret.clone();
    }

    /** Takes the same time wherever they differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ResumeToken token && MessageDigest.isEqual(secret, token.secret);
    }

    @Override
    public int hashCode() {
        return ResumeToken.class.hashCode(); // nothing of the secret
    }

    @Override
    public String toString() {
        return "ResumeToken[hidden]";
    }
}
