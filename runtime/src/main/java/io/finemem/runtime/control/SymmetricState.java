package io.finemem.runtime.control;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The SymmetricState of the Noise protocol framework (revision 34, section 5.2) on SHA-256, HMAC and AES-256-GCM. */
final class SymmetricState {
    static final int HASH_BYTES = 32;

    private static final byte[] NOTHING = new byte[0];

    private byte[] chainingKey;
    private byte[] hash;
    private @Nullable CipherState cipher;

    /** Starts with a protocol name that is exactly as long as a hash. */
    SymmetricState(String protocolName) {
        byte[] name = protocolName.getBytes(StandardCharsets.US_ASCII);
        if (name.length != HASH_BYTES) {
            throw new IllegalArgumentException("protocol name must have " + HASH_BYTES + " characters");
        }
        hash = name;
        chainingKey = name.clone();
    }

    void mixHash(byte[] data) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(hash);
        hash = digest.digest(data);
    }

    void mixKey(byte[] inputKey) throws GeneralSecurityException {
        byte[][] keys = expand(inputKey, 2);
        chainingKey = keys[0];
        cipher = new CipherState(keys[1]);
    }

    void mixKeyAndHash(byte[] inputKey) throws GeneralSecurityException {
        byte[][] keys = expand(inputKey, 3);
        chainingKey = keys[0];
        mixHash(keys[1]);
        cipher = new CipherState(keys[2]);
    }

    byte[] encryptAndHash(byte[] plaintext) throws GeneralSecurityException {
        byte[] ciphertext = keyed().encrypt(hash, plaintext);
        mixHash(ciphertext);
        return ciphertext;
    }

    byte[] decryptAndHash(byte[] ciphertext) throws GeneralSecurityException {
        byte[] plaintext = keyed().decrypt(hash, ciphertext);
        mixHash(ciphertext);
        return plaintext;
    }

    /** The transport keys: first the initiator's to send with, then the responder's. */
    CipherState[] split() throws GeneralSecurityException {
        byte[][] keys = expand(NOTHING, 2);
        return new CipherState[] {new CipherState(keys[0]), new CipherState(keys[1])};
    }

    byte[] handshakeHash() {
        return hash.clone();
    }

    private CipherState keyed() {
        if (cipher == null) {
            throw new IllegalStateException("no key mixed in yet");
        }
        return cipher;
    }

    /** HKDF (RFC 5869) with the chaining key as salt and no info. */
    private byte[][] expand(byte[] inputKey, int outputs) throws GeneralSecurityException {
        byte[] extracted = hmac(chainingKey, inputKey);
        byte[][] keys = new byte[outputs][];
        byte[] previous = NOTHING;
        for (int i = 0; i < outputs; i++) {
            byte[] block = Arrays.copyOf(previous, previous.length + 1);
            block[previous.length] = (byte) (i + 1);
            previous = hmac(extracted, block);
            keys[i] = previous;
        }
        return keys;
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }
}
