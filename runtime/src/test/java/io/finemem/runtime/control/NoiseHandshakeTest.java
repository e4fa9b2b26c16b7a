package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseHandshakeTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] NOTHING = new byte[0];

    // The published vector of this protocol (cacophony).
    private static final byte[] PROLOGUE = hex("4a6f686e2047616c74");
    private static final byte[] SHARED = hex("54686973206973206d7920417573747269616e20706572737065637469766521");
    private static final byte[] INITIATOR_KEY = hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a");
    private static final byte[] RESPONDER_KEY = hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b");
    private static final String[][] MESSAGES = {
        {
            "4c756477696720766f6e204d69736573",
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
                    + "7c37a89fc17813788d30df2d59501d6066f5f8aecc3406bb"
                    + "d9829f2d24a531b1"
        },
        {
            "4d757272617920526f746862617264",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
                    + "2f29d79368ef9de4e1ae7a362fb05bf0ad668e026bf57145"
                    + "54497b3a720461"
        },
        {"462e20412e20486179656b", "7c01e898a6201f36aecee532e29cd0b7f8ffa29d3366ad0dce39a6"},
        {"4361726c204d656e676572", "a9ff535aace3db6a1da1a7fb00fe2de2622bb373abad9fb42c00e0"},
        {"4a65616e2d426170746973746520536179", "6cfc49a3e65472edc2d0152abe5ce950170a8a47c959f30bd48b5f0aacf29adbfd"},
        {
            "457567656e2042f6686d20766f6e2042617765726b",
            "9bc86e6d974ed21ba04604a94aa68de21677eb409ead070c0cd569b069ee19ba142aa4c1a9"
        }
    };
    private static final byte[] HANDSHAKE_HASH =
            hex("9f3b1f9afd7767767b5b9d1069844a6154fdbdcc36dfb3e31c0fffc5c973d530");

    @Test
    void agreesWithThePublishedVector() throws GeneralSecurityException {
        NoiseHandshake initiator = NoiseHandshake.initiator(PROLOGUE, SHARED, INITIATOR_KEY);
        NoiseHandshake responder = NoiseHandshake.responder(PROLOGUE, SHARED, RESPONDER_KEY);

        byte[] first = initiator.write(payload(0));
        assertThat(first).isEqualTo(ciphertext(0));
        assertThat(responder.read(first)).isEqualTo(payload(0));
        byte[] second = responder.write(payload(1));
        assertThat(second).isEqualTo(ciphertext(1));
        assertThat(initiator.read(second)).isEqualTo(payload(1));

        assertThat(initiator.handshakeHash()).isEqualTo(HANDSHAKE_HASH);
        assertThat(responder.handshakeHash()).isEqualTo(HANDSHAKE_HASH);
        NoiseHandshake.TransportKeys ofInitiator = initiator.transportKeys();
        NoiseHandshake.TransportKeys ofResponder = responder.transportKeys();
        for (int i = 2; i < MESSAGES.length; i++) {
            boolean fromInitiator = i % 2 == 0;
            CipherState sender = fromInitiator ? ofInitiator.send() : ofResponder.send();
            CipherState receiver = fromInitiator ? ofResponder.receive() : ofInitiator.receive();
            byte[] sealed = sender.encrypt(NOTHING, payload(i));
            assertThat(sealed).isEqualTo(ciphertext(i));
            assertThat(receiver.decrypt(NOTHING, sealed)).isEqualTo(payload(i));
        }
    }

    @Test
    void agreesWithTheVectorOfRfc7748() throws GeneralSecurityException {
        byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        byte[] bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        byte[] shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");

        assertThat(X25519.publicKey(alice))
                .isEqualTo(hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
        assertThat(X25519.agree(alice, X25519.publicKey(bob))).isEqualTo(shared);
        assertThat(X25519.agree(bob, X25519.publicKey(alice))).isEqualTo(shared);
    }

    @Test
    void everyBitOfTheFirstMessageCounts() throws GeneralSecurityException {
        byte[] message =
                NoiseHandshake.initiator(PROLOGUE, SHARED, INITIATOR_KEY).write(NOTHING);
        assertThat(message).hasSize(NoiseHandshake.MESSAGE_BYTES);
        for (int bit = 0; bit < message.length * Byte.SIZE; bit++) {
            byte[] altered = flipped(message, bit);
            assertThatThrownBy(() -> NoiseHandshake.responder(PROLOGUE, SHARED, RESPONDER_KEY)
                            .read(altered))
                    .as("bit %d", bit)
                    .isInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    void everyBitOfTheSecondMessageCounts() throws GeneralSecurityException {
        NoiseHandshake responder = NoiseHandshake.responder(PROLOGUE, SHARED, RESPONDER_KEY);
        responder.read(NoiseHandshake.initiator(PROLOGUE, SHARED, INITIATOR_KEY).write(NOTHING));
        byte[] answer = responder.write(NOTHING);
        for (int bit = 0; bit < answer.length * Byte.SIZE; bit++) {
            byte[] altered = flipped(answer, bit);
            NoiseHandshake initiator = NoiseHandshake.initiator(PROLOGUE, SHARED, INITIATOR_KEY);
            initiator.write(NOTHING);
            assertThatThrownBy(() -> initiator.read(altered))
                    .as("bit %d", bit)
                    .isInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    void anotherSharedKeyIsSeenInTheFirstMessage() throws GeneralSecurityException {
        byte[] message =
                NoiseHandshake.initiator(PROLOGUE, SHARED, INITIATOR_KEY).write(NOTHING);
        NoiseHandshake other = NoiseHandshake.responder(PROLOGUE, flipped(SHARED, 255), RESPONDER_KEY);
        assertThatThrownBy(() -> other.read(message)).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void anotherPrologueIsSeenInTheFirstMessage() throws GeneralSecurityException {
        byte[] message =
                NoiseHandshake.initiator(PROLOGUE, SHARED, INITIATOR_KEY).write(NOTHING);
        byte[] prologue = "another".getBytes(StandardCharsets.US_ASCII);
        NoiseHandshake other = NoiseHandshake.responder(prologue, SHARED, RESPONDER_KEY);
        assertThatThrownBy(() -> other.read(message)).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void aResponderWithoutTheSharedKeyCannotAnswer() throws GeneralSecurityException {
        NoiseHandshake initiator = NoiseHandshake.initiator(PROLOGUE, SHARED, INITIATOR_KEY);
        byte[] first = initiator.write(NOTHING);
        byte[] wrong = flipped(SHARED, 0);
        NoiseHandshake impostor = NoiseHandshake.responder(PROLOGUE, wrong, RESPONDER_KEY);
        assertThatThrownBy(() -> impostor.read(first)).isInstanceOf(GeneralSecurityException.class);
        byte[] forged = impostor.write(NOTHING);
        assertThatThrownBy(() -> initiator.read(forged)).isInstanceOf(GeneralSecurityException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 47})
    void aShortMessageIsRefused(int length) throws GeneralSecurityException {
        NoiseHandshake responder = NoiseHandshake.responder(PROLOGUE, SHARED, RESPONDER_KEY);
        assertThatThrownBy(() -> responder.read(new byte[length])).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void aPointOfSmallOrderIsRefused() {
        assertThatThrownBy(() -> X25519.agree(INITIATOR_KEY, new byte[32]))
                .isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void aTransportMessageDecryptsOnceAndInOrderOnly() throws GeneralSecurityException {
        CipherState sender = new CipherState(SHARED);
        CipherState receiver = new CipherState(SHARED);
        byte[] first = sender.encrypt(NOTHING, payload(0));
        byte[] second = sender.encrypt(NOTHING, payload(0));
        assertThat(first).isNotEqualTo(second);
        assertThatThrownBy(() -> receiver.decrypt(NOTHING, second)).isInstanceOf(GeneralSecurityException.class);
        assertThat(receiver.decrypt(NOTHING, first)).isEqualTo(payload(0));
        assertThatThrownBy(() -> receiver.decrypt(NOTHING, first)).isInstanceOf(GeneralSecurityException.class);
        assertThat(receiver.decrypt(NOTHING, second)).isEqualTo(payload(0));
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] altered = bytes.clone();
        altered[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        return altered;
    }

    private static byte[] payload(int message) {
        return hex(MESSAGES[message][0]);
    }

    private static byte[] ciphertext(int message) {
        return hex(MESSAGES[message][1]);
    }

    private static byte[] hex(String text) {
        return HEX.parseHex(text);
    }
}
