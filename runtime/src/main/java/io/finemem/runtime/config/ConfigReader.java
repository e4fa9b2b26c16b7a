package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads typed values within bounds. A value that is missing, malformed or out of bounds is noted as a mistake, and a
 * value
 * within bounds is returned in its place, so that reading goes on to the next mistake. Not thread-safe.
 */
final class ConfigReader {
    private static final String AUTO = "auto";
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Config config;
    private final ConfigMistakes mistakes;

    ConfigReader(Config config, ConfigMistakes mistakes) {
        this.config = config;
        this.mistakes = mistakes;
    }

    /** The text, which may be empty. */
    String text(String path) {
        ConfigValue value = value(path, "a text");
        return value == null ? "" : scalar(path, value, "a text");
    }

    /** The text, checked. */
    String text(String path, Function<String, Boolean> allowed, String allowedInWords, String replacement) {
        ConfigValue value = value(path, allowedInWords);
        if (value == null) {
            return replacement;
        }
        String text = scalar(path, value, allowedInWords);
        if (!allowed.apply(text)) {
            mistakes.invalid(path, value, allowedInWords);
            return replacement;
        }
        return text;
    }

    /** A constant by its lower-case name, with dashes. */
    <E extends Enum<E>> E choice(String path, Collection<E> constants) {
        String allowed = String.join(
                " or ", constants.stream().map(ConfigReader::lowerCase).toList());
        E replacement = constants.iterator().next();
        ConfigValue value = value(path, allowed);
        if (value == null) {
            return replacement;
        }
        String text = scalar(path, value, allowed).toLowerCase(Locale.ROOT);
        for (E constant : constants) {
            if (lowerCase(constant).equals(text)) {
                return constant;
            }
        }
        mistakes.invalid(path, value, allowed);
        return replacement;
    }

    int integer(String path, int minimum, int maximum) {
        String allowed = wholeNumber(minimum, maximum);
        ConfigValue value = value(path, allowed);
        return value == null ? minimum : integer(path, value, minimum, maximum, allowed);
    }

    /** A number, or the one that {@code auto} stands for. */
    int integer(String path, int minimum, int maximum, IntSupplier auto) {
        String allowed = "auto or " + wholeNumber(minimum, maximum);
        ConfigValue value = value(path, allowed);
        if (value != null && AUTO.equals(value.unwrapped())) {
            return auto.getAsInt();
        }
        return value == null ? minimum : integer(path, value, minimum, maximum, allowed);
    }

    private static String wholeNumber(int minimum, int maximum) {
        return "a whole number from " + minimum + " to " + maximum;
    }

    private int integer(String path, ConfigValue value, int minimum, int maximum, String allowed) {
        try {
            long number = Long.parseLong(scalar(path, value, allowed).trim());
            if (number >= minimum && number <= maximum) {
                return (int) number;
            }
        } catch (NumberFormatException e) {
            mistakes.invalid(path, value, allowed);
            return minimum;
        }
        mistakes.invalid(path, value, allowed);
        return minimum;
    }

    /** True or false. */
    boolean flag(String path) {
        String allowed = "true or false";
        ConfigValue value = value(path, allowed);
        if (value == null) {
            return false;
        }
        String text = scalar(path, value, allowed).trim();
        if (!text.equals("true") && !text.equals("false")) {
            mistakes.invalid(path, value, allowed);
        }
        return text.equals("true");
    }

    /** A size in bytes, such as {@code 64MiB}, checked. */
    long bytes(String path, LongPredicate valid, String allowedInWords, long replacement) {
        ConfigValue value = value(path, allowedInWords);
        if (value == null) {
            return replacement;
        }
        try {
            long bytes = config.getBytes(path);
            if (valid.test(bytes)) {
                return bytes;
            }
        } catch (ConfigException | IllegalArgumentException e) {
            mistakes.invalid(path, value, allowedInWords);
            return replacement;
        }
        mistakes.invalid(path, value, allowedInWords);
        return replacement;
    }

    /** A duration from a minimum up to one day. */
    Duration duration(String path, Duration minimum) {
        String allowed = "a duration from " + text(minimum) + " to " + text(LONGEST) + ", such as 500ms or 5s";
        ConfigValue value = value(path, allowed);
        if (value == null) {
            return minimum;
        }
        try {
            Duration duration = config.getDuration(path);
            if (duration.compareTo(minimum) >= 0 && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        } catch (ConfigException | ArithmeticException e) {
            mistakes.invalid(path, value, allowed);
            return minimum;
        }
        mistakes.invalid(path, value, allowed);
        return minimum;
    }

    /** Notes a value that breaks a rule that the caller knows. */
    void invalid(String path, String allowed) {
        try {
            mistakes.invalid(path, config.getValue(path), allowed);
        } catch (ConfigException.Missing | ConfigException.WrongType e) {
            return; // a mistake that is told already
        }
    }

    /** The value, or null, noted as a mistake unless a mistake above it explains that. */
    @Nullable
    ConfigValue value(String path, String wanted) {
        try {
            return config.getValue(path);
        } catch (ConfigException.Missing e) {
            if (!sectionIsBroken(path)) {
                mistakes.missing(path, wanted);
            }
            return null;
        } catch (ConfigException.WrongType e) {
            return null;
        }
    }

    private boolean sectionIsBroken(String path) {
        int dot = path.lastIndexOf('.');
        if (dot < 0) {
            return false;
        }
        String parent = path.substring(0, dot);
        return !isSection(parent) || sectionIsBroken(parent);
    }

    /** A section that is not there is none that is broken. */
    private boolean isSection(String path) {
        try {
            if (!config.hasPathOrNull(path)) {
                return true;
            }
            return !config.getIsNull(path) && config.getValue(path).valueType() == ConfigValueType.OBJECT;
        } catch (ConfigException.WrongType e) {
            return true; // the one above it is broken
        }
    }

    private String scalar(String path, ConfigValue value, String allowed) {
        if (value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST) {
            mistakes.invalid(path, value, allowed);
            return "";
        }
        return String.valueOf(value.unwrapped());
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
