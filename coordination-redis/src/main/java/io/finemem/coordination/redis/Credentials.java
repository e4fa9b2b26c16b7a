package io.finemem.coordination.redis;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationSettings;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An ACL user and its password. The text form shows no password.
 *
 * @param user null for the server's default user
 * @param password null if the server asks for none
 */
record Credentials(@Nullable String user, @Nullable String password) {

    /**
     * Where a user and a password stand in the configuration.
     *
     * @param user key of the user's name
     * @param file key of the file with the password
     * @param variable key of the environment variable with the password
     */
    record Keys(String user, String file, String variable) {}

    /** Reads user and password, which is in a file or in a variable of the environment. */
    static Credentials read(CoordinationSettings settings, Keys keys, Function<String, @Nullable String> environment) {
        String user = settings.text(keys.user(), "");
        String file = settings.text(keys.file(), "");
        String variable = settings.text(keys.variable(), "");
        if (!file.isEmpty() && !variable.isEmpty()) {
            throw new InvalidConfiguration(settings.path(keys.file()) + " and " + settings.path(keys.variable())
                    + " are both given: the password is in one place, leave the other one empty");
        }
        if (file.isEmpty() && variable.isEmpty() && !user.isEmpty()) {
            throw new InvalidConfiguration(settings.path(keys.user()) + " = " + user
                    + " needs a password: name its file in " + settings.path(keys.file())
                    + ", or an environment variable in " + settings.path(keys.variable()));
        }
        String password = file.isEmpty() ? null : SecretFile.password(settings.path(keys.file()), Path.of(file));
        if (!variable.isEmpty()) {
            password = variable(settings.path(keys.variable()), variable, environment);
        }
        return new Credentials(user.isEmpty() ? null : user, password);
    }

    private static String variable(String key, String name, Function<String, @Nullable String> environment) {
        String password = environment.apply(name);
        if (password == null || password.isBlank()) {
            throw new InvalidConfiguration(
                    key + " = " + name + ": there is no such environment variable, or it is empty; set it");
        }
        return password.strip();
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
