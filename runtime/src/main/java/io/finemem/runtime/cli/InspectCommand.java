package io.finemem.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.OwnerReport;
import io.finemem.allocator.control.PoolReport;
import io.finemem.runtime.NodeLookup;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.runtime.config.ToolConfig;
import io.finemem.runtime.control.ControlClient;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code finemem inspect}: how the pool of a memory node is used, and whether its metadata is sound. */
@Command(
        name = "inspect",
        description = "Shows how the pool of a memory node is used, and audits its metadata while it works.",
        footer = {"", "Exits with 1 if an invariant of the metadata is broken."},
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class InspectCommand implements Callable<Integer> {
    private static final double MIB = 1 << 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Parameters(
            paramLabel = "HOST:PORT|NAME",
            description =
                    "The memory node: address of its control channel, or its name in finemem.client.memory-nodes or in the directory"
                            + " of finemem.coordination.")
    private String address = "";

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description = "Secret shared with the memory node; made by: finemem new-secret FILE.")
    private @Nullable String secretFile;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        Map<String, @Nullable String> options = new TreeMap<>();
        options.put("finemem.secret-file", secretFile);
        FineMemConfig given = configuration.load(Transports.discover(), options);
        ToolConfig config = given.tool();
        MemoryNodeAddress node = NodeLookup.find(address, given::directory);
        try (ControlClient control = ControlClient.connect(
                node.socketAddress(), config.credentials().load(), config.name(), config.timeouts())) {
            return show(control.inspect(), control.audit());
        }
    }

    private int show(PoolReport report, AuditReport audit) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(fields(report, audit)));
        } else {
            print(report, audit, out);
        }
        out.flush();
        return audit.violations().isEmpty() ? FineMemCommand.OK : FineMemCommand.FAILURE;
    }

    private static void print(PoolReport report, AuditReport audit, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "memory node %s, boot %016x, isolation %s%n",
                report.pool().memoryNode(),
                report.pool().bootNonce(),
                report.pool().isolation().name().toLowerCase(Locale.ROOT));
        out.printf(
                Locale.ROOT,
                "  heap      %.0f MiB in %d sections, %.1f MiB in use (%.1f %%)%n",
                report.heapBytes() / MIB,
                report.pool().sections(),
                report.usedBytes() / MIB,
                100.0 * report.usedBytes() / report.heapBytes());
        out.printf(
                Locale.ROOT,
                "  metadata  %.2f MiB, %.2f %% of the heap%n",
                report.metadataBytes() / MIB,
                100.0 * report.metadataBytes() / report.heapBytes());
        out.printf(
                Locale.ROOT,
                "  spans     %d empty, %d open (%d contended), %d taken whole%n",
                report.emptySpans(),
                report.openSpans(),
                report.contendedSpans(),
                report.takenSpans());
        out.printf(
                Locale.ROOT,
                "  free      largest block %.2f MiB, fragmentation %.1f %%%n",
                report.largestFreeBytes() / MIB,
                100 * report.fragmentation());
        printOwners(report, out);
        printAudit(audit, out);
    }

    private static void printOwners(PoolReport report, PrintWriter out) {
        out.printf(Locale.ROOT, "  owners    %d%n", report.owners().size());
        for (OwnerReport owner : report.owners()) {
            out.printf(
                    Locale.ROOT,
                    "    %6d  %-24s %-7s %10d chunks  %7d journal slots  %d ms silent%n",
                    owner.ownerId(),
                    owner.peerName(),
                    owner.live() ? "live" : "fenced",
                    owner.coveredChunks(),
                    owner.journalSlots(),
                    owner.silentMillis());
        }
    }

    private static void printAudit(AuditReport audit, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "  audit     %d chunks in use, %d of them in a journal, %d violations%n",
                audit.usedChunks(),
                audit.explainedChunks(),
                audit.violations().size());
        audit.violations().forEach(violation -> out.println("    " + violation));
    }

    private static Map<String, Object> fields(PoolReport report, AuditReport audit) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("memoryNode", report.pool().memoryNode());
        fields.put("isolation", report.pool().isolation().name().toLowerCase(Locale.ROOT));
        fields.put("sections", report.pool().sections());
        fields.put("heapBytes", report.heapBytes());
        fields.put("metadataBytes", report.metadataBytes());
        fields.put("usedBytes", report.usedBytes());
        fields.put("emptySpans", report.emptySpans());
        fields.put("openSpans", report.openSpans());
        fields.put("contendedSpans", report.contendedSpans());
        fields.put("takenSpans", report.takenSpans());
        fields.put("largestFreeBytes", report.largestFreeBytes());
        fields.put("fragmentation", report.fragmentation());
        fields.put("owners", report.owners());
        fields.put("violations", audit.violations());
        return fields;
    }
}
