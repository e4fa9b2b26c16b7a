package io.finemem.runtime.control;

import java.security.GeneralSecurityException;
import java.util.Arrays;

/**
 * One side of the handshake {@code Noise_NNpsk0_25519_AESGCM_SHA256} (Noise protocol framework, revision 34): both
 * sides
 * prove that they know the pre-shared key and agree on fresh keys that nobody can recompute later, not even with the
 * pre-shared key.
 *
 * <pre>
 *   -&gt; psk, e         message 1: 32 bytes public key, payload, 16 bytes tag
 *   &lt;- e, ee          message 2: the same form
 * </pre>
 *
 * A responder that accepted message 1 has only seen that somebody knew the key once: it may be a replay. Only the first
 * transport message proves that the initiator is there. Not thread-safe; one use.
 */
final class NoiseHandshake {
    /** Length of a message with an empty payload. */
    static final int MESSAGE_BYTES = X25519.KEY_BYTES + CipherState.TAG_BYTES;

    private static final String PROTOCOL = "Noise_NNpsk0_25519_AESGCM_SHA256";

    private final SymmetricState state = new SymmetricState(PROTOCOL);
    private final boolean initiator;
    private final byte[] privateKey;
    private final byte[] publicKey;
    private byte[] peerKey = new byte[0];

    private NoiseHandshake(boolean initiator, byte[] prologue, byte[] sharedKey, byte[] privateKey)
            throws GeneralSecurityException {
        this.initiator = initiator;
        this.privateKey = privateKey.clone();
        this.publicKey = X25519.publicKey(privateKey);
        state.mixHash(prologue);
        state.mixKeyAndHash(sharedKey);
    }

    /**
     * The side that speaks first.
     *
     * @param prologue bytes that both sides must have seen alike
     * @param sharedKey 32 bytes
     * @param privateKey a fresh ephemeral key
     */
    static NoiseHandshake initiator(byte[] prologue, byte[] sharedKey, byte[] privateKey)
            throws GeneralSecurityException {
        return new NoiseHandshake(true, prologue, sharedKey, privateKey);
    }

    /** The side that answers; parameters as for the other. */
    static NoiseHandshake responder(byte[] prologue, byte[] sharedKey, byte[] privateKey)
            throws GeneralSecurityException {
        return new NoiseHandshake(false, prologue, sharedKey, privateKey);
    }

    byte[] write(byte[] payload) throws GeneralSecurityException {
        mixPublicKey(publicKey);
        if (!initiator) {
            state.mixKey(X25519.agree(privateKey, peerKey));
        }
        byte[] sealed = state.encryptAndHash(payload);
        byte[] message = Arrays.copyOf(publicKey, publicKey.length + sealed.length);
        System.arraycopy(sealed, 0, message, publicKey.length, sealed.length);
        return message;
    }

    /** Fails if the other side does not know the key, saw another prologue, or the message was altered. */
    byte[] read(byte[] message) throws GeneralSecurityException {
        if (message.length < MESSAGE_BYTES) {
            throw new GeneralSecurityException("handshake message is too short");
        }
        peerKey = Arrays.copyOf(message, X25519.KEY_BYTES);
        mixPublicKey(peerKey);
        if (initiator) {
            state.mixKey(X25519.agree(privateKey, peerKey));
        }
        return state.decryptAndHash(Arrays.copyOfRange(message, X25519.KEY_BYTES, message.length));
    }

    /** The keys of this side, once both messages have passed. */
    TransportKeys transportKeys() throws GeneralSecurityException {
        CipherState[] keys = state.split();
        Arrays.fill(privateKey, (byte) 0);
        return initiator ? new TransportKeys(keys[0], keys[1]) : new TransportKeys(keys[1], keys[0]);
    }

    byte[] handshakeHash() {
        return state.handshakeHash();
    }

    // In a handshake with a pre-shared key the ephemeral key also goes into the chaining key (section 9.2).
    private void mixPublicKey(byte[] key) throws GeneralSecurityException {
        state.mixHash(key);
        state.mixKey(key);
    }

    record TransportKeys(CipherState send, CipherState receive) {}
}
