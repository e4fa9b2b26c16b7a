package io.finemem.coordination.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** The scripts, with the digests by which the server knows them. */
enum Script {
    VIEW(true),
    ANNOUNCE_NODE(true),
    RETIRE_NODE(true),
    INCARNATION(true),
    ANNOUNCE_OWNER(true),
    END_OWNER(true),
    RESTORE(true),
    ARRIVE(false),
    WITHDRAW(false);

    private final String text;
    private final String digest;

    Script(boolean withPrelude) {
        String body = resource(name().toLowerCase(Locale.ROOT).replace('_', '-'));
        text = withPrelude ? resource("prelude") + body : body;
        digest = sha1(text);
    }

    String text() {
        return text;
    }

    String digest() {
        return digest;
    }

    private static String resource(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("the script " + name + ".lua is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the script " + name + ".lua cannot be read", e);
        }
    }

    private static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-1", e);
        }
    }
}
