package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrossProcessTest {
    @TempDir
    private Path directory;

    private Transport transport;
    private ProtectionDomain domain;
    private MemoryRegion region;

    @BeforeEach
    void open() {
        transport = Fixture.open(directory);
        domain = transport.newDomain();
        region = domain.allocate(4096, Fixture.ALL_REMOTE);
    }

    @AfterEach
    void close() throws IOException {
        transport.close();
        assertThat(Fixture.files(directory)).isEmpty();
    }

    private String words(String command, MemoryRegion target, long last) {
        return command + ' ' + target.address() + ' ' + target.rkey() + ' ' + last;
    }

    @Test
    void noUpdateIsLostBetweenProcessesAndThreads() throws IOException, InterruptedException {
        int updates = 20_000;
        try (ChildProcess one = new ChildProcess(directory);
                ChildProcess two = new ChildProcess(directory)) {
            one.connect(domain);
            two.connect(domain);
            one.tell(words("cas", region, updates));
            two.tell(words("add", region, updates));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Connection client = Fixture.connect(domain, domain).client();
                threads.add(new Thread(() -> add(client, updates)));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(one.hear()).isEqualTo(CompletionStatus.SUCCESS.name());
            assertThat(two.hear()).isEqualTo(CompletionStatus.SUCCESS.name());
        }
        assertThat(region.getWord(0)).isEqualTo(8L * updates);
    }

    private void add(Connection client, int updates) {
        Chain chain = client.newChain(1);
        for (int i = 0; i < updates; i++) {
            chain.clear().fetchAdd(region.address(), region.rkey(), 1);
            Fixture.execute(chain);
        }
    }

    @Test
    void nothingOfABusyPeerExecutesAfterTheFence() throws IOException {
        int bytes = 1 << 20;
        MemoryRegion target = domain.allocate(bytes, Fixture.ALL_REMOTE);
        try (ChildProcess child = new ChildProcess(directory)) {
            for (int round = 0; round < 5; round++) {
                Connection end = child.connect(domain);
                child.tell(words("fill", target, bytes));
                assertThat(child.hear()).isEqualTo("filling");
                end.fence(Fixture.TIMEOUT_NANOS);
                assertThat(end.state()).isEqualTo(ConnectionState.CLOSED);
                target.putWord(0, -1);
                target.putWord(bytes - Long.BYTES, -1);
                assertThat(child.hear()).isEqualTo(CompletionStatus.PEER_UNREACHABLE.name());
                assertThat(target.getWord(0)).isEqualTo(-1);
                assertThat(target.getWord(bytes - Long.BYTES)).isEqualTo(-1);
                end.close();
            }
        }
    }

    @Test
    void aKilledPeerDelaysNeitherFenceNorRegion() throws IOException, InterruptedException {
        MemoryRegion target = domain.allocate(64 << 20, Fixture.ALL_REMOTE);
        Connection end;
        try (ChildProcess child = new ChildProcess(directory)) {
            end = child.connect(domain);
            child.tell(words("fill", target, target.length()));
            assertThat(child.hear()).isEqualTo("filling");
            child.signal("KILL");
        }
        end.fence(Fixture.TIMEOUT_NANOS);
        target.close();
        end.close();
        assertThat(Fixture.files(directory))
                .as("the dead process's two files and ours")
                .hasSize(4);
        Fixture.open(directory).close();
        assertThat(Fixture.files(directory)).as("ours").hasSize(2);
    }

    @Test
    void aKilledServerIsUnreachableAndItsFilesGoAtTheNextOpen() throws IOException, InterruptedException {
        Chain chain;
        long address;
        int rkey;
        try (ChildProcess child = new ChildProcess(directory)) {
            String[] served = child.ask("region 4096").split(" ");
            address = Long.parseLong(served[0]);
            rkey = Integer.parseInt(served[1]);
            chain = child.connect(domain).newChain(1);
            chain.fetchAdd(address, rkey, 3);
            assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
            assertThat(child.ask("word 0")).isEqualTo("3");
            child.signal("KILL");
        }
        long deadline = System.nanoTime() + Fixture.TIMEOUT_NANOS;
        CompletionStatus status = CompletionStatus.SUCCESS;
        while (status == CompletionStatus.SUCCESS && System.nanoTime() < deadline) {
            chain.clear().readWord(address, rkey);
            status = Fixture.execute(chain);
        }
        assertThat(status).isEqualTo(CompletionStatus.PEER_UNREACHABLE);
        assertThat(chain.connection().state()).isEqualTo(ConnectionState.ERROR);
        assertThat(Fixture.files(directory).size()).isGreaterThan(2);
        Fixture.open(directory).close();
        assertThat(Fixture.files(directory)).as("ours").hasSize(2);
    }

    @Test
    void aServerThatClosesIsUnreachableAtOnce() throws IOException {
        Chain chain;
        try (ChildProcess child = new ChildProcess(directory)) {
            String[] served = child.ask("region 4096").split(" ");
            chain = child.connect(domain).newChain(1);
            chain.readWord(Long.parseLong(served[0]), Integer.parseInt(served[1]));
            assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
        }
        assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.PEER_UNREACHABLE);
    }

    @Test
    void aProcessThatExitsWithoutClosingLeavesNothing() throws IOException {
        try (ChildProcess child = new ChildProcess(directory)) {
            child.connect(domain);
            assertThat(Fixture.files(directory)).hasSize(4);
            child.tell("leave");
        }
        assertThat(Fixture.files(directory)).as("ours").hasSize(2);
    }

    @Test
    void filesOfLivingProcessesAreLeftAlone() throws IOException {
        try (ChildProcess child = new ChildProcess(directory)) {
            Connection end = child.connect(domain);
            Fixture.open(directory).close();
            assertThat(Fixture.files(directory)).hasSize(4);
            assertThat(child.ask(words("add", region, 7))).isEqualTo(CompletionStatus.SUCCESS.name());
            assertThat(end.state()).isEqualTo(ConnectionState.CONNECTED);
        }
        assertThat(region.getWord(0)).isEqualTo(7);
    }

    @Test
    void anInterruptedThreadAllocatesConnectsAndKeepsItsInterrupt() throws IOException {
        try (ChildProcess child = new ChildProcess(directory)) {
            String[] served = child.ask("region 4096").split(" ");
            Connection end = domain.newConnection(ConnectionOptions.of("child"));
            byte[] descriptor = child.end();
            Thread.currentThread().interrupt();
            end.connect(descriptor);
            MemoryRegion more = domain.allocate(4096, Fixture.ALL_REMOTE);
            assertThat(Thread.interrupted()).isTrue();
            child.connectTo(end);
            assertThat(child.ask(words("add", more, 5))).isEqualTo(CompletionStatus.SUCCESS.name());
            assertThat(more.getWord(0)).isEqualTo(5);
            Chain chain = end.newChain(1);
            chain.readWord(Long.parseLong(served[0]), Integer.parseInt(served[1]));
            Thread.currentThread().interrupt();
            assertThat(Fixture.execute(chain)).isEqualTo(CompletionStatus.SUCCESS);
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
