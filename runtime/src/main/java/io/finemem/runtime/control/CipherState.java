package io.finemem.runtime.control;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A Noise CipherState on AES-256-GCM: one key, one direction, a nonce that counts messages. A message that was altered,
 * dropped, repeated or reordered does not decrypt.
 *
 * <pre>
 *   nonce, 12 bytes:  | 0 0 0 0 | counter, 8 bytes, big-endian |
 * </pre>
 *
 * Not thread-safe.
 */
final class CipherState {
    static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;
    private static final int COUNTER_OFFSET = NONCE_BYTES - Long.BYTES;

    private final SecretKeySpec key;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private long counter;

    CipherState(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    byte[] encrypt(byte[] associatedData, byte[] plaintext) throws GeneralSecurityException {
        return apply(Cipher.ENCRYPT_MODE, associatedData, plaintext);
    }

    /** Fails, without counting the message, if it is not the next one of the peer. */
    byte[] decrypt(byte[] associatedData, byte[] ciphertext) throws GeneralSecurityException {
        return apply(Cipher.DECRYPT_MODE, associatedData, ciphertext);
    }

    private byte[] apply(int mode, byte[] associatedData, byte[] message) throws GeneralSecurityException {
        if (counter == -1L) {
            throw new GeneralSecurityException("nonces exhausted");
        }
        ByteBuffer.wrap(nonce).putLong(COUNTER_OFFSET, counter);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(associatedData);
        byte[] result = cipher.doFinal(message);
        counter++;
        return result;
    }
}
