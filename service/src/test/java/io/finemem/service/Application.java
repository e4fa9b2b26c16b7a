package io.finemem.service;

import io.finemem.api.FineMemException;
import io.finemem.api.RemoteBlock;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.StolenSocket;
import io.finemem.spi.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An application in a process of its own. Argument: the directory. Commands, one per line:
 *
 * <pre>
 *   take BYTES N      allocates N blocks and keeps them; answers N, or the exception
 *   churn THREADS     answers "churning", then allocates, writes and frees until it is killed
 *   steal PID FD      rings a bell on another process's socket; answers "rang" or why not
 * </pre>
 */
final class Application {
    private static final List<RemoteBlock> HELD = new ArrayList<>();

    private Application() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Transport transport = ComputeNode.transport(directory);
                ServiceMemory memory = ServiceMemory.open(
                        transport, ServiceClientOptions.at(ComputeNode.socket(directory), "child"))) {
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                System.out.println(answer(memory, line.split(" ")));
            }
        }
    }

    private static String answer(ServiceMemory memory, String[] words) {
        try {
            return switch (words[0]) {
                case "take" -> take(memory, Long.parseLong(words[1]), Integer.parseInt(words[2]));
                case "churn" -> churn(memory, Integer.parseInt(words[1]));
                case "steal" -> steal(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                default -> "what is " + words[0] + "?";
            };
        } catch (FineMemException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }

    private static String take(ServiceMemory memory, long bytes, int count) {
        for (int i = 0; i < count; i++) {
            RemoteBlock block = memory.allocate(bytes);
            block.fetchAdd(0, 1);
            HELD.add(block);
        }
        return Integer.toString(count);
    }

    private static String churn(ServiceMemory memory, int threads) {
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                while (true) {
                    try (RemoteBlock block = memory.allocate(4096)) {
                        block.fetchAdd(8, 1);
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        return "churning";
    }

    private static String steal(int pid, int fd) {
        try (StolenSocket socket = StolenSocket.of(pid, fd)) {
            socket.send(FrameCodec.encode(new Frame.Bell()));
            return "rang";
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
