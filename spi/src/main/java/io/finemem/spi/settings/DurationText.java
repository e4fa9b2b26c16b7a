package io.finemem.spi.settings;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time with its unit as people write it. A bare number is refused: it would mean seconds to one and milliseconds to
 * another.
 */
final class DurationText {
    private static final int DIGITS = 12;
    private static final Pattern FORM = Pattern.compile("(\\d{1," + DIGITS + "})\\s*([a-z]+)");

    private DurationText() {}

    static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms", "millis", "milliseconds" -> Optional.of(Duration.ofMillis(count));
            case "s", "second", "seconds" -> Optional.of(Duration.ofSeconds(count));
            case "m", "minute", "minutes" -> Optional.of(Duration.ofMinutes(count));
            case "h", "hour", "hours" -> Optional.of(Duration.ofHours(count));
            case "d", "day", "days" -> Optional.of(Duration.ofDays(count));
            default -> Optional.empty();
        };
    }

    static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis % Duration.ofHours(1).toMillis() == 0 && millis > 0) {
            return duration.toHours() + "h";
        }
        return millis % 1000 == 0 ? duration.toSeconds() + "s" : millis + "ms";
    }
}
