package io.finemem.runtime.demo;

import io.finemem.api.ProtocolViolation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child's end of the line to its parent. When the parent's end closes, or the process is asked to end, the next use
 * throws {@link ParentGone} and the child's main thread has a while to release what it holds.
 */
final class ParentLink {
    private static final Logger LOG = LoggerFactory.getLogger(ParentLink.class);
    private static final long RELEASE_MILLIS = TimeUnit.SECONDS.toMillis(15);
    private static final int HALTED = 4;
    private static final String END = "";

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Thread main = Thread.currentThread();
    private final PrintStream out;
    private final Runnable whenGone;
    private volatile boolean gone;
    private @Nullable Path directory;

    /** The parent has closed the line, or this process was asked to end. */
    static final class ParentGone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ParentGone() {
            super("the parent process is gone");
        }
    }

    private ParentLink(PrintStream out, Runnable whenGone) {
        this.out = out;
        this.whenGone = whenGone;
    }

    /**
     * Starts to listen; the calling thread is the one that releases what the process holds.
     *
     * @param whenGone done first when the parent is gone
     */
    static ParentLink open(InputStream in, PrintStream out, Runnable whenGone) {
        ParentLink link = new ParentLink(out, whenGone);
        Thread listener = new Thread(() -> link.listen(in), "finemem-demo-parent");
        listener.setDaemon(true);
        listener.start();
        Runtime.getRuntime().addShutdownHook(new Thread(link::endInOrder, "finemem-demo-end"));
        return link;
    }

    /** Says something to the parent. */
    void send(Message message) {
        requireParent();
        out.println(JsonLines.print(message));
        out.flush();
    }

    /** Waits for the parent's next message. */
    <M extends Message> M receive(Class<M> expected) {
        String line;
        try {
            line = lines.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ParentGone();
        }
        requireParent();
        Message message = JsonLines.parse(line);
        if (!expected.isInstance(message)) {
            throw new ProtocolViolation(
                    "the parent said something else than expected", "expected", expected, "said", message);
        }
        return expected.cast(message);
    }

    /** Throws {@link ParentGone} if the parent is gone. */
    void requireParent() {
        if (gone) {
            throw new ParentGone();
        }
    }

    /** The parent's directory, to be removed if the parent is gone. */
    void watchOver(String parentsDirectory) {
        directory = Path.of(parentsDirectory);
    }

    /** At the end of the main thread, when this process has no files any more. */
    void removeFilesOfGoneParent() {
        if (gone && directory != null) {
            SharedDirectory.removeIfEmpty(directory);
        }
    }

    private void listen(InputStream in) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            LOG.debug("the line to the parent broke", e);
        }
        cut();
        if (!mainEnds()) {
            Runtime.getRuntime().halt(HALTED);
        }
    }

    private void endInOrder() {
        cut();
        mainEnds();
    }

    private void cut() {
        whenGone.run();
        gone = true;
        lines.add(END);
    }

    private boolean mainEnds() {
        try {
            main.join(RELEASE_MILLIS);
        } catch (InterruptedException e) {
            return false;
        }
        return !main.isAlive();
    }
}
