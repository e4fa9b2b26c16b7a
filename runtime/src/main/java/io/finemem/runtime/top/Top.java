package io.finemem.runtime.top;

import io.finemem.api.OutOfLocalResources;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;

/** Looks at daemons again and again, and shows what changed. For one thread. */
public final class Top {
    private static final String ALTERNATE_SCREEN = "\u001b[?1049h\u001b[?25l";
    private static final String NORMAL_SCREEN = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final int DEFAULT_ROWS = 24;
    private static final int DEFAULT_COLUMNS = 80;
    private static final int CONTROL_C = 3;
    /** A signal is seen within this time. */
    private static final long LOOK_MILLIS = 100;

    private final Endpoints endpoints;
    private final Duration interval;
    private List<Scrape> before;
    private List<Scrape> now;

    /** Takes a first look. */
    public Top(Endpoints endpoints, Duration interval) {
        this.endpoints = endpoints;
        this.interval = interval;
        this.before = endpoints.scrape();
        this.now = before;
    }

    private void look() {
        before = now;
        now = endpoints.scrape();
    }

    /**
     * Prints the view at the end of each interval.
     *
     * @param times how often
     * @return whether an endpoint answered in the end
     */
    public boolean print(PrintWriter out, long times) throws InterruptedException {
        for (long i = 0; i < times && !out.checkError(); i++) {
            Thread.sleep(interval.toMillis());
            look();
            out.println(title());
            TopView.lines(before, now, Integer.MAX_VALUE).forEach(out::println);
            out.flush();
        }
        return now.stream().anyMatch(Scrape::answered);
    }

    private String title() {
        return String.format(
                Locale.ROOT,
                "finemem top  %s  %d of %d endpoints, every %.1f s",
                LocalTime.now().truncatedTo(ChronoUnit.SECONDS),
                now.stream().filter(Scrape::answered).count(),
                now.size(),
                interval.toMillis() / 1000.0);
    }

    /**
     * Shows the view in the terminal of this process until q or Ctrl-C; the terminal is as before then, also if the process is
     * terminated.
     *
     * @throws OutOfLocalResources if there is no terminal
     */
    public void show() throws IOException {
        try (Terminal terminal = terminal()) {
            Attributes attributes = terminal.enterRawMode();
            AtomicBoolean restored = new AtomicBoolean();
            Runnable restore = () -> {
                if (restored.compareAndSet(false, true)) {
                    terminal.writer().print(NORMAL_SCREEN);
                    terminal.writer().flush();
                    terminal.setAttributes(attributes);
                }
            };
            AtomicBoolean stop = new AtomicBoolean();
            terminal.handle(Terminal.Signal.INT, signal -> stop.set(true));
            AtomicBoolean resized = new AtomicBoolean();
            terminal.handle(Terminal.Signal.WINCH, signal -> resized.set(true));
            Thread hook = new Thread(restore, "finemem-terminal");
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                terminal.writer().print(ALTERNATE_SCREEN);
                run(terminal, stop, resized);
            } finally {
                restore.run();
                remove(hook);
            }
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // it runs: the process is being stopped
        }
    }

    private static Terminal terminal() throws IOException {
        if (System.console() == null) {
            throw new OutOfLocalResources("there is no terminal; use --once, or --batch");
        }
        TerminalBuilder builder = TerminalBuilder.builder()
                .system(true)
                .dumb(false)
                .jni(false)
                .jna(false)
                .ffm(false)
                .jansi(false)
                .exec(true)
                .nativeSignals(true);
        try {
            return builder.build();
        } catch (IllegalStateException e) {
            throw new OutOfLocalResources(
                    e, "the terminal cannot be set up (" + e.getMessage() + "); use --once, or --batch");
        }
    }

    private void run(Terminal terminal, AtomicBoolean stop, AtomicBoolean resized) throws IOException {
        NonBlockingReader keys = terminal.reader();
        while (true) {
            draw(terminal);
            long next = System.nanoTime() + interval.toNanos();
            while (System.nanoTime() - next < 0) {
                int key = keys.read(LOOK_MILLIS);
                if (stop.get() || key == 'q' || key == 'Q' || key == CONTROL_C || key == NonBlockingReader.EOF) {
                    return;
                }
                if (resized.getAndSet(false)) {
                    draw(terminal);
                }
            }
            look();
        }
    }

    private void draw(Terminal terminal) {
        int rows = terminal.getHeight() > 0 ? terminal.getHeight() : DEFAULT_ROWS;
        int columns = terminal.getWidth() > 0 ? terminal.getWidth() : DEFAULT_COLUMNS;
        PrintWriter out = terminal.writer();
        out.print(HOME);
        out.print(cut(title() + "  q quits", columns) + CLEAR_LINE);
        for (String line : fitting(TopView.lines(before, now, columns), rows - 1)) {
            out.print("\r\n" + cut(line, columns) + CLEAR_LINE);
        }
        out.print(CLEAR_BELOW);
        out.flush();
    }

    /** The first lines; the last one tells if there are more. */
    private static List<String> fitting(List<String> lines, int rows) {
        if (lines.size() <= rows) {
            return lines;
        }
        int shown = Math.max(0, rows - 1);
        List<String> fitting = new ArrayList<>(lines.subList(0, shown));
        fitting.add("... " + (lines.size() - shown) + " more lines");
        return fitting;
    }

    private static String cut(String line, int columns) {
        return line.length() <= columns ? line : line.substring(0, columns);
    }
}
