package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.control.FileFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a configuration comes from, weakest first: {@code reference.conf}, a file (or {@code application.conf} on the
 * class
 * path), environment variables {@code CONFIG_FORCE_...}, system properties, the command line.
 */
public final class ConfigSources {
    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final int MAX_MESSAGE_CHARACTERS = 300;

    private ConfigSources() {}

    /**
     * Reads all sources.
     *
     * @param file a configuration file, or null for {@code application.conf}
     * @param commandLine paths and values that were given as options
     * @throws InvalidConfiguration if the file cannot be read or is not HOCON, or a substitution cannot be resolved
     */
    public static Config load(@Nullable Path file, Map<String, String> commandLine) {
        try {
            Config given = file == null ? ConfigFactory.defaultApplication() : parse(file);
            return ConfigFactory.parseMap(commandLine, "command line")
                    .withFallback(systemProperties())
                    .withFallback(ConfigFactory.systemEnvironmentOverrides())
                    .withFallback(given)
                    .withFallback(ConfigFactory.defaultReferenceUnresolved())
                    .resolve();
        } catch (ConfigException e) {
            throw new InvalidConfiguration(e, "the configuration is malformed: " + oneLine(e));
        } catch (StackOverflowError e) {
            String where = file == null ? "application.conf" : file.toString();
            throw new InvalidConfiguration(
                    e, "the configuration " + where + " is nested too deeply, or its files include each other");
        }
    }

    private static Config systemProperties() {
        return ConfigFactory.parseProperties(
                System.getProperties(), ConfigParseOptions.defaults().setOriginDescription("system property"));
    }

    private static Config parse(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new InvalidConfiguration(noFile(file));
            }
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new InvalidConfiguration(
                        "the configuration file " + file + " is larger than " + MAX_FILE_BYTES + " bytes");
            }
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (CharacterCodingException e) {
            throw new InvalidConfiguration(
                    e, "the configuration file " + file + " is not text in UTF-8: save it as UTF-8");
        } catch (IOException e) {
            throw new InvalidConfiguration(
                    e, "the configuration file " + file + " cannot be read: " + FileFailure.ofReading(file, e));
        }
        return ConfigFactory.parseFile(
                // What it includes is looked for beside it, which takes a path with a parent.
                file.toAbsolutePath().toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    }

    private static String noFile(Path file) {
        if (Files.exists(file)) {
            return "the configuration " + file + " is not a file";
        }
        return Files.isSymbolicLink(file)
                ? "the configuration file " + file + " is a symbolic link that leads nowhere"
                : "there is no configuration file " + file;
    }

    private static String oneLine(ConfigException e) {
        String text = String.valueOf(e.getMessage())
                .replaceAll("[\\s\\p{Cntrl}]+", " ")
                .replaceAll(
                        "java\\.[\\w.]+Exception: (?:resource not found on classpath|include was not found)",
                        "an included file is not there")
                .replaceAll(",? Trace: \\[.*", ""); // the files of a cycle, fifty times
        return text.length() <= MAX_MESSAGE_CHARACTERS ? text : text.substring(0, MAX_MESSAGE_CHARACTERS) + "...";
    }
}
