package io.finemem.it.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.it.allocator.RxeTransport;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.MemoryNodeDaemon;
import io.finemem.runtime.cli.FineMemCommand;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.demo.ThisJvm;
import io.finemem.spi.transport.Transports;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A service, a process, that is killed while its application holds many blocks, and is started again; prints how long it takes. */
@Timeout(300)
@Tag("rxe")
@Tag("slow")
@Tag("processes")
class KilledServiceRxeTest {
    /** By hand with 10000: -Dfinemem.restart.blocks=10000. */
    private static final int BLOCKS = Integer.getInteger("finemem.restart.blocks", 300);

    private static final int BYTES = 4096;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory = Path.of(".");

    private final List<Process> services = new ArrayList<>();
    private MemoryNodeDaemon node;
    private Path file;

    @BeforeEach
    void startMemoryNode() throws IOException {
        RxeTransport.open().close();
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        // An emulated JVM may need longer to start than the lease of production.
        String common = "finemem { secret-file = \"" + secret + "\"\n transport.name = rxe\n"
                + " memory-node { pool = 64MiB, lease = 60s, listen.port = 0 }\n service.socket = \""
                + directory.resolve("run/service") + "\"\n service.reattach-timeout = 120s\n";
        Transports transports = Transports.discover();
        node = MemoryNodeDaemon.open(
                FineMemConfig.of(ConfigFactory.parseString(common + "}"), transports.providers())
                        .memoryNode(),
                transports);
        file = Files.writeString(
                directory.resolve("finemem.conf"),
                common + " client { through = service, operation-timeout = 120s, memory-nodes = [ { name = mn0,"
                        + " address = \"127.0.0.1:" + node.address().getPort() + "\" } ] } }");
    }

    @AfterEach
    void stop() {
        services.forEach(Process::destroyForcibly);
        if (node != null) {
            node.close();
        }
    }

    private Process service() throws IOException {
        Process service = new ProcessBuilder(ThisJvm.command(
                        List.of(), FineMemCommand.class, List.of("compute-node", "-c", file.toString())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        services.add(service);
        BufferedReader output = service.inputReader();
        String ready = output.readLine();
        assertThat(ready).startsWith("ready socket=");
        return service;
    }

    @Test
    void itsApplicationGoesOnWithAllItsBlocks() throws Exception {
        Process service = service();
        try (FineMem memory = FineMem.connect(ConfigFactory.parseFile(file.toFile()))) {
            List<RemoteBlock> blocks = memory.allocateAll(BYTES, BLOCKS);
            for (int i = 0; i < blocks.size(); i++) {
                blocks.get(i).write(0, ByteBuffer.allocate(Long.BYTES).putLong(0, pattern(i)));
            }
            service.destroyForcibly();
            assertThat(service.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertHolds(blocks.get(0), 0);
            long begun = System.nanoTime();
            service = service();
            long ready = System.nanoTime();
            RemoteBlock more = memory.allocate(BYTES);
            long answered = System.nanoTime();
            System.out.printf(
                    Locale.ROOT,
                    "rxe: a service restarted with %,d blocks: ready after %.2f s, first call answered after %.2f s%n",
                    BLOCKS,
                    (ready - begun) / 1e9,
                    (answered - begun) / 1e9);
            for (int i = 0; i < blocks.size(); i++) {
                assertHolds(blocks.get(i), i);
            }
            assertThat(memory.statistics().liveBlocks()).isEqualTo(BLOCKS + 1);
            memory.free(more);
            memory.freeAll(blocks);
        }
        service.destroy();
        assertThat(service.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(node.audit().usedChunks()).isZero();
            assertThat(node.audit().violations()).isEmpty();
        });
    }

    private static long pattern(int block) {
        return 0x5eed_0000_0000L + block;
    }

    private static void assertHolds(RemoteBlock block, int number) {
        ByteBuffer found = ByteBuffer.allocate(Long.BYTES);
        block.read(0, found);
        assertThat(found.getLong(0)).as("block %d", number).isEqualTo(pattern(number));
    }
}
