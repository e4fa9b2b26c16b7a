package io.finemem.runtime.doctor;

import java.util.List;

/** Whether this kernel has, or can have, soft RDMA over Ethernet. */
final class SoftRdmaCheck implements Check {
    private static final String NAME = "soft RDMA (rxe)";
    private static final String DEVICES = "/sys/class/infiniband";
    private static final String GUEST = "run in a guest: ./finemem guest -- COMMAND";

    @Override
    public List<Finding> examine(Machine machine) {
        String release = machine.read("/proc/sys/kernel/osrelease").orElse("unknown");
        if (machine.exists("/sys/module/rdma_rxe") || hasDevice(machine)) {
            return List.of(Finding.ok(NAME, "in the kernel " + release));
        }
        if (!machine.exists("/proc/modules")) {
            return List.of(missing("kernel " + release + " has no rxe and loads no modules", GUEST));
        }
        boolean onDisk = machine.read("/lib/modules/" + release + "/modules.dep")
                .map(text -> text.contains("/rdma_rxe.ko"))
                .orElse(false);
        return List.of(
                onDisk
                        ? missing("module rdma_rxe is there and not loaded", "modprobe rdma_rxe (as root)")
                        : missing("kernel " + release + " has no module rdma_rxe", GUEST));
    }

    /** An rxe device names the interface below it; a kernel with rxe built in shows no module. */
    private static boolean hasDevice(Machine machine) {
        return machine.list(DEVICES).stream().anyMatch(device -> machine.exists(DEVICES + "/" + device + "/parent"));
    }

    // Not a problem of the transport by itself: what the transport says of itself counts.
    private static Finding missing(String detail, String remedy) {
        return Finding.warning(NAME, detail, remedy);
    }
}
