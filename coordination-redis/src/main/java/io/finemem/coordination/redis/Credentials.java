package io.finemem.coordination.redis;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An ACL user and its password. The text form shows no password.
 *
 * @param user null for the server's default user
 * @param password null if the server asks for none
 */
record Credentials(@Nullable String user, @Nullable String password) {

    /** Reads {@code user} and {@code password-file}, or those of the sentinels. */
    static Credentials read(CoordinationSettings settings, String userKey, String passwordFileKey) {
        String user = settings.text(userKey, "");
        String file = settings.text(passwordFileKey, "");
        if (file.isEmpty() && !user.isEmpty()) {
            throw new InvalidConfiguration(settings.path(userKey) + " = " + user
                    + " needs a password: name its file in " + settings.path(passwordFileKey));
        }
        String password = file.isEmpty() ? null : SecretFile.password(settings.path(passwordFileKey), Path.of(file));
        return new Credentials(user.isEmpty() ? null : user, password);
    }

    boolean given() {
        return password != null;
    }

    @Override
    public String toString() {
        return "credentials{user=" + (user == null ? "default" : user) + " password="
                + (password == null ? "none" : "***") + "}";
    }
}
