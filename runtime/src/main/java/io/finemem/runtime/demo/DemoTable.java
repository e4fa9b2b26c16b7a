package io.finemem.runtime.demo;

import io.finemem.api.RemoteMemory;
import io.finemem.runtime.trace.ReplayBounds;
import io.finemem.runtime.trace.ReplayPlan;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;

/** What people see of a demonstration. */
public final class DemoTable {
    private static final String ROW = "  %-12s %10s %10s %10s %10s %12s %8s%n";
    private static final double MEBI = 1 << 20;

    private final PrintWriter out;

    /** A table on a writer. */
    public DemoTable(PrintWriter out) {
        this.out = out;
    }

    /** Before the processes start: what is going to be done. */
    public void announce(ChosenTransport chosen, Demo demo) {
        print("transport %s: %s%n", chosen.name(), chosen.reason());
        String traces = demo.plans().stream().map(DemoTable::describe).collect(Collectors.joining(", "));
        print(
                "%d compute processes replay %s%s%s in a pool of %d MiB%n",
                DemoOptions.COMPUTE_PROCESSES, traces, leftOut(demo.bounds()), times(demo.rounds()), (long)
                        (demo.poolBytes() / MEBI));
        print(
                "%s%n",
                demo.throughService()
                        ? "they allocate through an allocation service, which alone reaches the memory node's metadata"
                        : "each is an owner of the memory node by itself");
        out.flush();
    }

    private static String times(int rounds) {
        return rounds == 1 ? "" : " " + rounds + " times";
    }

    private static String leftOut(ReplayBounds bounds) {
        return bounds.maxObjectBytes() == Long.MAX_VALUE
                ? ""
                : ", without objects of more than " + bounds.maxObjectBytes() / 1024 + " KiB,";
    }

    private static String describe(ReplayPlan plan) {
        int recorded = plan.trace().events().size();
        return plan.events() == recorded
                ? plan.trace().name() + " (" + count(recorded) + " events)"
                : plan.trace().name() + " (the first " + count(plan.events()) + " of " + count(recorded) + " events)";
    }

    /** At the end: what was found. */
    public void report(DemoReport report) {
        print("%non %s %s (%s)%n%n", report.transport(), report.device(), report.deviceDetail());
        print(ROW, "", "operations", "p50 us", "p99 us", "doorbells", "round trips", "verbs");
        row("allocation", report.allocation());
        row("free", report.free());
        print(ROW, "raw CAS", "", micros(report.rawCasP50Micros()), "", "1", "1", "1");
        print(
                "%n  %s MiB written, read back and compared%n",
                String.format(Locale.ROOT, "%,.0f", report.checkedBytes() / MEBI));
        if (report.rounds() > 1) {
            print(
                    "  p50 and p99 are those of rounds %d to %d; the ones before warm up the virtual machines%n",
                    DemoOptions.firstTimed(report.rounds()), report.rounds());
        }
        if (report.throughService()) {
            print("  doorbells, round trips and verbs are those that the allocation service posted, per operation%n");
        }
        audit("audit while the processes held it", report.auditWhileHeld());
        audit("audit after everything was freed", report.auditAtEnd());
        report.firstFailures().forEach(failure -> print("  FAILED: %s%n", failure));
        print(
                "%n%s: %s operations, %d failures, %d leaked blocks, %.1f s%n",
                report.passed() ? "passed" : "FAILED",
                count(report.operations()),
                report.failures(),
                report.leakedBlocks(),
                report.seconds());
        out.flush();
    }

    private void row(String name, OperationReport operation) {
        print(
                ROW,
                name,
                count(operation.count()),
                micros(operation.p50Micros()),
                micros(operation.p99Micros()),
                mean(operation.doorbells()),
                mean(operation.roundTrips()),
                mean(operation.verbs()));
    }

    private void audit(String when, Audit audit) {
        print(
                "  %s: %s chunks of %d KiB in use, %s of them in a journal, %s expected%n",
                when,
                count(audit.usedChunks()),
                RemoteMemory.CHUNK_BYTES / 1024,
                count(audit.explainedChunks()),
                count(audit.heldChunks()));
        audit.violations().forEach(violation -> print("    %s%n", violation));
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String micros(double micros) {
        return String.format(Locale.ROOT, micros < 10 ? "%.2f" : "%.1f", micros);
    }

    private static String mean(double mean) {
        return String.format(Locale.ROOT, "%.3f", mean);
    }
}
