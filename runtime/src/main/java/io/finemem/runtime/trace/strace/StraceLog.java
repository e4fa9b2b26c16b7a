package io.finemem.runtime.trace.strace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the output of {@code strace -f -ttt -o FILE}: calls that another thread interrupted are put together again, and
 * only those of the first process are kept.
 */
final class StraceLog {
    private static final Pattern LINE = Pattern.compile("(\\d+) +(\\d+)\\.(\\d{6}) (.*)");
    private static final Pattern COMPLETE = Pattern.compile("(\\w+)\\((.*)\\) += (\\S+)(?: .*)?");
    private static final Pattern BEGUN = Pattern.compile("(\\w+)\\((.*?),? ?<unfinished \\.\\.\\.>");
    private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. (\\w+) resumed>(.*)");
    private static final long MICROS_PER_SECOND = 1_000_000;

    /** First part of a call that another thread's line has cut in two. */
    private record Begun(int line, long micros, String name, String arguments) {}

    private final List<SystemCall> calls = new ArrayList<>();
    private final Map<Integer, Begun> unfinished = new HashMap<>();
    private int lineNumber;

    private StraceLog() {}

    /** The calls of the first process in the order in which they took effect. */
    static List<SystemCall> read(Iterable<String> lines) {
        StraceLog log = new StraceLog();
        for (String line : lines) {
            log.add(line);
        }
        return log.callsOfFirstProcess();
    }

    private void add(String text) {
        lineNumber++;
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
            throw new MalformedLog(lineNumber, "no thread, time and call in '" + text + "'");
        }
        int thread = Integer.parseInt(line.group(1));
        long micros = Long.parseLong(line.group(2)) * MICROS_PER_SECOND + Long.parseLong(line.group(3));
        String rest = line.group(4);
        if (rest.startsWith("+++") || rest.startsWith("---")) {
            return;
        }
        Matcher begun = BEGUN.matcher(rest);
        Matcher resumed = RESUMED.matcher(rest);
        if (begun.matches()) {
            unfinished.put(thread, new Begun(lineNumber, micros, begun.group(1), begun.group(2)));
        } else if (resumed.matches()) {
            resume(thread, micros, resumed.group(1), resumed.group(2));
        } else {
            complete(thread, micros, null, rest);
        }
    }

    private void resume(int thread, long micros, String name, String rest) {
        Begun begun = unfinished.remove(thread);
        if (begun == null || !begun.name().equals(name)) {
            throw new MalformedLog(lineNumber, name + " of thread " + thread + " is resumed but was not begun");
        }
        String separator = begun.arguments().isEmpty() || rest.startsWith(")") ? "" : ", ";
        String tail = rest.startsWith(", ") ? rest.substring(2) : rest.stripLeading();
        complete(thread, micros, begun, name + "(" + begun.arguments() + separator + tail);
    }

    private void complete(int thread, long micros, @Nullable Begun begun, String text) {
        Matcher call = COMPLETE.matcher(text);
        if (!call.matches()) {
            throw new MalformedLog(lineNumber, "no call and result in '" + text + "'");
        }
        if (call.group(3).equals("?")) {
            return;
        }
        calls.add(new SystemCall(
                begun == null ? lineNumber : begun.line(),
                lineNumber,
                begun == null ? micros : begun.micros(),
                micros,
                thread,
                call.group(1),
                call.group(2),
                SystemCall.number(call.group(3), lineNumber)));
    }

    private List<SystemCall> callsOfFirstProcess() {
        if (calls.isEmpty()) {
            return List.of();
        }
        Set<Integer> threads = new HashSet<>(Set.of(calls.get(0).thread()));
        boolean grown = true;
        while (grown) {
            grown = false;
            for (SystemCall call : calls) {
                grown |= threads.contains(call.thread()) && makesThread(call) && threads.add((int) call.result());
            }
        }
        return calls.stream()
                .filter(call -> threads.contains(call.thread()))
                .sorted(Comparator.comparingInt(SystemCall::position))
                .toList();
    }

    private static boolean makesThread(SystemCall call) {
        return call.name().startsWith("clone")
                && !call.failed()
                && call.arguments().contains("CLONE_THREAD");
    }
}
