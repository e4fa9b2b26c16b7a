package io.finemem.runtime.doctor;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much memory may be registered with a device. */
final class LockedMemoryCheck implements Check {
    private static final String NAME = "locked memory";
    private static final Pattern LIMIT = Pattern.compile("(?m)^Max locked memory\\s+(\\S+)\\s");
    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^CapEff:\\s*([0-9a-fA-F]{1,16})$");
    private static final int CAP_IPC_LOCK = 14;
    private static final String REMEDY =
            "ulimit -l unlimited before the start; systemd: LimitMEMLOCK=infinity; " + "docker: --ulimit memlock=-1";

    private final long wantedBytes;

    /** @param wantedBytes that a memory node of the configured size will register */
    LockedMemoryCheck(long wantedBytes) {
        this.wantedBytes = wantedBytes;
    }

    @Override
    public List<Finding> examine(Machine machine) {
        Optional<String> limit = limit(machine);
        if (limit.isEmpty()) {
            return List.of(Finding.warning(NAME, "the limit is unknown: /proc/self/limits cannot be read", ""));
        }
        String text = limit.get();
        if (text.equals("unlimited")) {
            return List.of(Finding.ok(NAME, "unlimited"));
        }
        String detail = "limited to " + Sizes.text(Long.parseLong(text));
        if (privileged(machine)) {
            return List.of(Finding.ok(NAME, detail + ", which does not bind this process (CAP_IPC_LOCK)"));
        }
        if (Long.parseLong(text) >= wantedBytes) {
            return List.of(Finding.ok(NAME, detail + ", enough for the pool of " + Sizes.text(wantedBytes)));
        }
        return List.of(Finding.problem(
                NAME, detail + ", the pool needs more than " + Sizes.text(wantedBytes), REMEDY, Finding.RDMA));
    }

    private static Optional<String> limit(Machine machine) {
        return machine.read("/proc/self/limits").flatMap(text -> {
            Matcher matcher = LIMIT.matcher(text);
            return matcher.find() && matcher.group(1).matches("unlimited|[0-9]{1,18}")
                    ? Optional.of(matcher.group(1))
                    : Optional.empty();
        });
    }

    private static boolean privileged(Machine machine) {
        return machine.read("/proc/self/status")
                .map(CAPABILITIES::matcher)
                .filter(Matcher::find)
                .map(matcher -> (Long.parseUnsignedLong(matcher.group(1), 16) >>> CAP_IPC_LOCK & 1) == 1)
                .orElse(false);
    }
}
