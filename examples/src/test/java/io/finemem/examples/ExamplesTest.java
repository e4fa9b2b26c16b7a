package io.finemem.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigRenderOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs each example as a user does and reads what it prints. */
@Timeout(120)
class ExamplesTest {

    @FunctionalInterface
    private interface Main {
        void run(String[] arguments) throws Exception;
    }

    private static String output(Main main) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream captured = new PrintStream(bytes, true, UTF_8)) {
            System.setOut(captured);
            main.run(new String[0]);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(UTF_8);
    }

    @Test
    void helloBlock() throws Exception {
        assertThat(output(HelloBlock::main)).isEqualToIgnoringNewLines("hello, block, swapped: true\n");
    }

    @Test
    void manyBlocks() throws Exception {
        assertThat(output(ManyBlocks::main).lines())
                .containsExactly("32 blocks in 2 round trips, freed after waiting for 0");
    }

    @Test
    void zeroCopy() throws Exception {
        assertThat(output(ZeroCopy::main)).isEqualToIgnoringNewLines("2 records, the last 1002, 64 pages written\n");
    }

    @Test
    void guiceApplication() throws Exception {
        assertThat(output(GuiceApplication::main).lines())
                .satisfiesExactly(
                        counted -> assertThat(counted).isEqualTo("counted to 1"),
                        description -> assertThat(description).contains("shm", "mn0"));
    }

    @Test
    void ownPlacement() throws Exception {
        assertThat(output(OwnPlacement::main).lines()).containsExactly("on mn0, meters: true");
    }

    @Test
    void builderApplication(@TempDir Path directory) throws Exception {
        try (LocalPool pool = new LocalPool()) {
            Path file = Files.writeString(
                    directory.resolve("client.conf"), pool.client().root().render(ConfigRenderOptions.concise()));
            String output = output(arguments -> BuilderApplication.main(new String[] {file.toString()}));
            assertThat(output).startsWith("1048576 bytes, shm").contains("mn0");
        }
    }

    @Test
    void twoOwnersOnePool() throws Exception {
        assertThat(output(TwoOwnersOnePool::main).lines())
                .containsExactly("owners: 2", "apart: true", "counted: 1000 and 1000");
    }

    @Test
    void surviveACrash() throws Exception {
        assertThat(output(SurviveACrash::main).lines())
                .containsExactly(
                        "another process: holding 100 blocks",
                        "before: 1 owners, 200 chunks used, clean: true",
                        "after: 0 owners, 0 chunks used, clean: true");
    }
}
