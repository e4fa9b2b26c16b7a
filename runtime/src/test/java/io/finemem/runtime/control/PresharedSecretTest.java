package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresharedSecretTest {
    @TempDir
    private Path directory = Path.of(".");

    private Path file(String content, String mode) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void aNewSecretIsPrivateAndComesBack() throws IOException {
        Path file = directory.resolve("new");
        PresharedSecret secret = PresharedSecret.create(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PresharedSecret.load(file).key()).isEqualTo(secret.key()).hasSize(32);
        assertThat(PresharedSecret.random().key()).isNotEqualTo(secret.key());
    }

    @Test
    void anExistingFileIsNotOverwritten() throws IOException {
        Path file = file("precious", "rw-------");
        assertThatThrownBy(() -> PresharedSecret.create(file))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("exists already");
        assertThat(file).hasContent("precious");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw-rw-rw-"})
    void aSecretThatOthersMayUseIsRefusedWithTheRemedy(String mode) throws IOException {
        Path file = file(Base64.getEncoder().encodeToString(new byte[32]), mode);
        assertThatThrownBy(() -> PresharedSecret.load(file))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(mode)
                .hasMessageContaining("chmod 600 " + file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hunter2", "aGVsbG8=", "!!!", "AAAA AAAA"})
    void aFileThatHoldsNoSecretIsRefusedAndNotQuoted(String content) throws IOException {
        Path file = file(content, "rw-------");
        assertThatThrownBy(() -> PresharedSecret.load(file))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("32 bytes in Base64")
                .hasNoCause()
                .satisfies(e -> {
                    if (content.length() > 5) {
                        assertThat(e.getMessage()).doesNotContain(content);
                    }
                });
    }

    @Test
    void aMissingFileSaysHowToMakeOne() {
        Path missing = directory.resolve("none");
        assertThatThrownBy(() -> PresharedSecret.load(missing))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("there is no secret file " + missing + "; create one with: finemem new-secret " + missing);
    }

    @Test
    void aSecretThatCannotBeWrittenIsOneLine() {
        Path nowhere = directory.resolve("missing/secret");
        assertThatThrownBy(() -> PresharedSecret.create(nowhere))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith("the secret file " + nowhere + " cannot be written: ")
                .hasMessageMatching("[^\n]*");
        Path full = Path.of("/proc/self/secret"); // a file system where nothing can be made
        assertThatThrownBy(() -> PresharedSecret.create(full))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void aDirectoryIsNoSecret() {
        assertThatThrownBy(() -> PresharedSecret.load(directory))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("is a directory");
    }

    @Test
    @Timeout(20)
    void aPipeIsNoSecretAndIsNotWaitedFor() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThatThrownBy(() -> PresharedSecret.load(pipe))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("the secret file " + pipe + " is not a file");
    }

    @Test
    void theTextFormDoesNotShowTheSecret() {
        assertThat(PresharedSecret.of(new byte[32])).hasToString("secret{***}");
    }
}
