package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Wrong command lines of {@link Launch}; right ones are in {@link InstallTest}. */
class LaunchTest {
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Test
    void withoutAClassTheUsageIsPrinted() throws Throwable {
        assertThat(launch()).isEqualTo(2);
        assertThat(oneLine()).startsWith("usage: ").contains("MAINCLASS");
    }

    @Test
    void unknownClassIsNamed() throws Throwable {
        assertThat(launch("no.such.Program")).isEqualTo(2);
        assertThat(oneLine()).contains("no.such.Program").contains("class path");
    }

    @Test
    void classWithoutMainIsNamed() throws Throwable {
        assertThat(launch("java.lang.String")).isEqualTo(2);
        assertThat(oneLine()).contains("java.lang.String").contains("main");
    }

    @Test
    void whatTheProgramThrowsPassesThrough() {
        assertThatThrownBy(() -> launch(Failing.class.getName()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("of the program");
    }

    private int launch(String... arguments) throws Throwable {
        return Launch.run(arguments, new PrintStream(errors, true, StandardCharsets.UTF_8));
    }

    private String oneLine() {
        String text = errors.toString(StandardCharsets.UTF_8);
        assertThat(text.lines()).hasSize(1);
        return text;
    }

    /** A program. */
    public static final class Failing {
        private Failing() {}

        /** Fails. */
        public static void main(String[] arguments) {
            throw new UnsupportedOperationException("of the program");
        }
    }
}
