package io.finemem.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.doctor.Diagnosis;
import io.finemem.runtime.doctor.Doctor;
import io.finemem.runtime.doctor.Finding;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code finemem doctor}: what this machine can do, and what to do about what it cannot. */
@Command(
        name = "doctor",
        description = "Shows what this machine can do, and the remedy for what it cannot.",
        footer = {
            "",
            "Exits with 0 if the chosen transport can be used, with 1 if something that it needs is broken,"
                    + " or an assumption was seen violated."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class DoctorCommand implements Callable<Integer> {
    private static final int SECONDS = 5;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--stress",
            description = "Instead, put the device under stress: does it do what the allocation protocol assumes of it"
                    + " (docs/protocol.md, A1 to A4)?")
    private boolean stress;

    @Option(names = "--device", paramLabel = "NAME", description = "Device for --stress, such as mlx5_0.")
    private @Nullable String device;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Seconds for each assumption under --stress (default: " + SECONDS + ").")
    private @Nullable Integer seconds;

    @Override
    public Integer call() throws JsonProcessingException {
        check();
        Transports transports = Transports.discover();
        if (stress) {
            return new StressReport(spec, json)
                    .run(transports, configuration, device, seconds == null ? SECONDS : seconds);
        }
        FineMemConfig config = configuration.load(transports, Map.of());
        Diagnosis diagnosis = new Doctor()
                .examine(
                        transports, config.transport(), config.embedded().pool().bytes());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(diagnosis));
        } else {
            print(diagnosis, out);
        }
        out.flush();
        return diagnosis.usable() ? FineMemCommand.OK : FineMemCommand.FAILURE;
    }

    private void check() {
        if (seconds != null && seconds < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--seconds " + seconds + " is not valid: it must be 1 or more");
        }
        if (!stress && (seconds != null || device != null)) {
            throw new ParameterException(
                    spec.commandLine(), (seconds != null ? "--seconds" : "--device") + " needs --stress");
        }
    }

    private static void print(Diagnosis diagnosis, PrintWriter out) {
        int width = diagnosis.findings().stream()
                .mapToInt(finding -> finding.check().length())
                .max()
                .orElse(1);
        for (Finding finding : diagnosis.findings()) {
            out.printf("%-8s %-" + width + "s  %s%n", lowerCase(finding), finding.check(), finding.detail());
            if (!finding.remedy().isEmpty()) {
                out.printf("%-8s %-" + width + "s  -> %s%n", "", "", finding.remedy());
            }
        }
        out.println();
        out.println(verdict(diagnosis));
    }

    private static String verdict(Diagnosis diagnosis) {
        if (diagnosis.transport().isEmpty()) {
            return "transport " + diagnosis.requested() + ": there is none that works here";
        }
        String name = diagnosis.transport().equals(diagnosis.requested())
                ? diagnosis.transport()
                : diagnosis.transport() + " (" + diagnosis.requested() + ")";
        return "transport " + name
                + (diagnosis.usable() ? ": can be used" : ": cannot be used, see the problems above");
    }

    static String json(Diagnosis diagnosis) throws JsonProcessingException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("transport", diagnosis.transport());
        root.put("requested", diagnosis.requested());
        root.put("usable", diagnosis.usable());
        List<Map<String, Object>> findings =
                diagnosis.findings().stream().map(DoctorCommand::fields).toList();
        root.put("findings", findings);
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root);
    }

    private static Map<String, Object> fields(Finding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("check", finding.check());
        fields.put("level", lowerCase(finding));
        fields.put("detail", finding.detail());
        fields.put("remedy", finding.remedy());
        fields.put("neededBy", finding.neededBy().stream().sorted().toList());
        return fields;
    }

    private static String lowerCase(Finding finding) {
        return finding.level().name().toLowerCase(Locale.ROOT);
    }
}
