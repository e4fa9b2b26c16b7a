package io.finemem.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigSourcesTest {
    private static final String NAME = "finemem.memory-node.name";

    @TempDir
    private Path directory = Path.of(".");

    @AfterEach
    void clearProperty() {
        System.clearProperty(NAME);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("node.conf"), text);
    }

    @Test
    void theFileWinsOverTheReference() throws IOException {
        Path file = file(NAME + " = from-file");
        assertThat(ConfigSources.load(file, Map.of()).getString(NAME)).isEqualTo("from-file");
        assertThat(ConfigSources.load(file, Map.of()).getString("finemem.memory-node.pool"))
                .isEqualTo("64MiB");
    }

    @Test
    void systemPropertiesWinOverTheFileAndTheCommandLineOverAll() throws IOException {
        Path file = file(NAME + " = from-file");
        System.setProperty(NAME, "from-property");
        assertThat(ConfigSources.load(file, Map.of()).getString(NAME)).isEqualTo("from-property");
        assertThat(ConfigSources.load(file, Map.of(NAME, "from-option")).getString(NAME))
                .isEqualTo("from-option");
    }

    @Test
    void aMistakeNamesFileAndLineOrTheOption() throws IOException {
        Path file = file("finemem {\n  memory-node {\n    pool = 1\n  }\n}\n");
        Map<String, String> options = Map.of("finemem.secret-file", "s", "finemem.memory-node.listen.port", "x");
        assertThatThrownBy(() -> FineMemConfig.of(ConfigSources.load(file, options), List.of())
                        .memoryNode())
                .hasMessageContaining("(" + file + ":3)")
                .hasMessageContaining("finemem.memory-node.listen.port = x is not valid")
                .hasMessageContaining("(command line)");
    }

    @Test
    void aMistakeInASystemPropertyIsNamedAsSuch() {
        System.setProperty("finemem.memory-node.name", "-");
        assertThatThrownBy(() -> FineMemConfig.of(ConfigSources.load(null, Map.of()), List.of())
                        .memoryNode())
                .hasMessageContaining("(system property");
    }

    @Test
    void aMissingFileIsOneLine() {
        Path missing = directory.resolve("none.conf");
        assertThatThrownBy(() -> ConfigSources.load(missing, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("there is no configuration file " + missing);
    }

    @Test
    void aDirectoryIsNoConfiguration() {
        assertThatThrownBy(() -> ConfigSources.load(directory, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("is not a file");
    }

    @Test
    void aMalformedFileNamesItsLine() throws IOException {
        Path file = file("finemem {\n  memory-node = [\n");
        assertThatThrownBy(() -> ConfigSources.load(file, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith("the configuration is malformed: " + file + ": 3")
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));
    }

    @Test
    void anUnresolvedSubstitutionIsNamed() throws IOException {
        Path file = file(NAME + " = ${nowhere}");
        assertThatThrownBy(() -> ConfigSources.load(file, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void anEnormousFileIsNotRead() throws IOException {
        Path file = Files.write(directory.resolve("big.conf"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> ConfigSources.load(file, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void aSymbolicLinkToItselfIsOneLine() throws IOException {
        Path link = directory.resolve("loop.conf");
        Files.createSymbolicLink(link, link);
        assertThatThrownBy(() -> ConfigSources.load(link, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("the configuration file " + link + " is a symbolic link that leads nowhere");
    }

    @Test
    void aFileThatIsNotUtf8IsOneLine() throws IOException {
        Path file = Files.write(
                directory.resolve("latin.conf"), (NAME + " = gr\u00f6\u00dfe").getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ConfigSources.load(file, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("the configuration file " + file + " is not text in UTF-8: save it as UTF-8");
    }

    @Test
    void ofAKeyThatIsThereTwiceTheLaterValueCounts() throws IOException {
        Path file = file(NAME + " = first\n" + NAME + " = second");
        assertThat(ConfigSources.load(file, Map.of()).getString(NAME)).isEqualTo("second");
    }

    @Test
    void aKeyWithoutAValueIsAMistakeWithItsLine() throws IOException {
        Path file = file("\n" + NAME + " =\n");
        assertThatThrownBy(() -> ConfigSources.load(file, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith("the configuration is malformed: " + file + ": ");
    }

    @Test
    void byteOrderMarkAndCarriageReturnsDoNoHarm() throws IOException {
        Path file = Files.write(
                directory.resolve("dos.conf"), ("\ufeff" + NAME + " = dos\r\n").getBytes(StandardCharsets.UTF_8));
        assertThat(ConfigSources.load(file, Map.of()).getString(NAME)).isEqualTo("dos");
    }
}
