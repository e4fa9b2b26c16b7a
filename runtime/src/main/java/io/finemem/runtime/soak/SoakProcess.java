package io.finemem.runtime.soak;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlLimits;
import io.finemem.runtime.control.ControlServer;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.demo.ChildLog;
import io.finemem.spi.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Main class of the children: a memory node, or some owners. Not for people: standard input says what to do. */
public final class SoakProcess {
    static final String MEMORY_NODE = "memory-node";
    static final String OWNERS = "owners";
    /** Generous: under emulation a JVM may need a minute for what takes a second otherwise. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    static final ControlTimeouts TIMEOUTS = new ControlTimeouts(PATIENCE, PATIENCE, Duration.ofSeconds(1));
    private static final ControlLimits LIMITS = new ControlLimits(256, 64, PATIENCE, PATIENCE);
    private static final Duration FENCE_TIMEOUT = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(SoakProcess.class);
    private static final int FAILED = 1;

    private final PrintStream out;
    private final BufferedReader in;

    private SoakProcess(PrintStream out, BufferedReader in) {
        this.out = out;
        this.in = in;
    }

    /** Argument: the role. */
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err); // standard output is for what the parent shall know
        ChildLog.setUp();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            SoakProcess process = new SoakProcess(out, in);
            if (arguments[0].equals(MEMORY_NODE)) {
                process.serve();
            } else {
                process.own();
            }
        } catch (IOException | InterruptedException | RuntimeException | LinkageError e) {
            LOG.error("gives up", e);
            out.println("failed " + e);
            out.flush();
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private void say(String line) {
        out.println(line);
    }

    private String[] words() throws IOException {
        String line = in.readLine();
        return line == null ? new String[] {OwnerLoad.END} : line.split(" ");
    }

    private void serve() throws IOException {
        Fabric fabric = Fabric.parse(in.readLine());
        String[] pool = words();
        MemoryNodeOptions options = new MemoryNodeOptions(
                "mn0",
                Long.parseLong(pool[0]),
                Isolation.valueOf(pool[1]),
                Integer.parseInt(pool[2]),
                Duration.ofMillis(Long.parseLong(pool[3])),
                FENCE_TIMEOUT);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Transport transport = fabric.open();
                MemoryNode node = MemoryNode.open(transport, options);
                ControlServer server = ControlServer.start(anyPort, LIMITS, fabric.key(), node::newSession)) {
            say("serving " + server.address().getPort());
            while (!words()[0].equals(OwnerLoad.END)) {
                continue;
            }
        }
    }

    /** Opens the device, waits for its turn, works until the parent ends it. */
    private void own() throws IOException, InterruptedException {
        Fabric fabric = Fabric.parse(in.readLine());
        try (Transport transport = fabric.open()) {
            say("ready");
            String[] start = words();
            if (!start[0].equals(OwnerLoad.END)) {
                work(fabric, transport, start);
            }
        }
    }

    private void work(Fabric fabric, Transport transport, String[] start) throws IOException, InterruptedException {
        InetSocketAddress node = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(start[1]));
        int first = Integer.parseInt(start[2]);
        List<OwnerLoad> loads = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(start[3]); i++) {
            String name = "owner" + (first + i);
            OwnerLoad load = new OwnerLoad(
                    first + i,
                    Long.parseLong(start[4]),
                    Long.parseLong(start[5]),
                    Integer.parseInt(start[6]),
                    () -> join(fabric, transport, node, name),
                    this::say);
            loads.add(load);
            threads.add(new Thread(() -> orDie(load), name));
        }
        threads.forEach(Thread::start);
        passOrders(loads);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void passOrders(List<OwnerLoad> loads) throws IOException {
        String order = "";
        while (!order.equals(OwnerLoad.END)) {
            String[] words = words();
            order = words[0];
            if (words.length > 1) {
                loads.get(Integer.parseInt(words[1])).order(order);
            } else {
                for (OwnerLoad load : loads) {
                    load.order(order);
                }
            }
        }
    }

    private void orDie(OwnerLoad load) {
        try {
            load.run();
        } catch (InterruptedException | RuntimeException | LinkageError e) {
            LOG.error("gives up", e);
            say("failed " + e);
            out.flush();
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private static FineMemAllocator join(Fabric fabric, Transport transport, InetSocketAddress node, String name) {
        AllocatorOptions options =
                AllocatorOptions.defaults().withWorkers(1).withOperationTimeout(Duration.ofSeconds(30));
        return FineMemAllocator.open(
                transport, List.of(ControlClient.connect(node, fabric.key(), name, TIMEOUTS)), options);
    }
}
