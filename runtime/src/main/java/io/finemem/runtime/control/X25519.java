package io.finemem.runtime.control;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/** Diffie-Hellman on Curve25519 (RFC 7748) with keys as 32 raw little-endian bytes, computed by the JDK. */
final class X25519 {
    static final int KEY_BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int TOP_BIT_MASK = 0x7f;

    private X25519() {}

    static byte[] newPrivateKey() {
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        return key;
    }

    static byte[] publicKey(byte[] privateKey) throws GeneralSecurityException {
        byte[] basePoint = new byte[KEY_BYTES];
        basePoint[0] = 9;
        return agree(privateKey, basePoint);
    }

    /** The shared secret; fails if the peer's point is one of the few of small order, whose result is always zero. */
    static byte[] agree(byte[] privateKey, byte[] peerPublicKey) throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance("X25519");
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, privateKey)));
        agreement.doPhase(
                keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, coordinate(peerPublicKey))), true);
        return agreement.generateSecret();
    }

    private static BigInteger coordinate(byte[] littleEndian) {
        byte[] bigEndian = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            bigEndian[i] = littleEndian[KEY_BYTES - 1 - i];
        }
        bigEndian[0] &= TOP_BIT_MASK;
        return new BigInteger(1, bigEndian);
    }
}
