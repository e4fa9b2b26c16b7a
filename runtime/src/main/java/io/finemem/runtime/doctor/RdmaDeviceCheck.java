package io.finemem.runtime.doctor;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The RDMA devices that the kernel shows, with ports and GIDs, and whether they may be opened. */
final class RdmaDeviceCheck implements Check {
    private static final String NAME = "RDMA devices";
    private static final String CLASS = "/sys/class/infiniband";
    private static final String NO_GID = "0000:0000:0000:0000:0000:0000:0000:0000";

    @Override
    public List<Finding> examine(Machine machine) {
        List<String> devices = machine.list(CLASS);
        if (devices.isEmpty()) {
            return List.of(Finding.problem(
                    NAME,
                    "none",
                    "without an RDMA adapter use transport shm or rxe, or ./finemem guest -- COMMAND",
                    Finding.VERBS));
        }
        List<Finding> findings = new ArrayList<>();
        for (String device : devices) {
            for (String port : machine.list(CLASS + "/" + device + "/ports")) {
                findings.add(port(machine, device, port));
            }
        }
        findings.add(access(machine));
        return findings;
    }

    private static Finding port(Machine machine, String device, String port) {
        String directory = CLASS + "/" + device + "/ports/" + port;
        String state = machine.read(directory + "/state").orElse("unknown");
        String layer = machine.read(directory + "/link_layer").orElse("unknown");
        String detail = state + ", " + layer + ", GIDs: " + gids(machine, directory);
        String name = device + "/" + port;
        return state.contains("ACTIVE")
                ? Finding.ok(name, detail)
                : Finding.warning(name, detail, "bring the link up: rdma link; ip link set DEVICE up");
    }

    private static String gids(Machine machine, String directory) {
        String gids = machine.list(directory + "/gids").stream()
                .sorted((a, b) -> a.length() == b.length() ? a.compareTo(b) : Integer.compare(a.length(), b.length()))
                .map(index -> gid(machine, directory, index))
                .filter(gid -> !gid.isEmpty())
                .collect(Collectors.joining("; "));
        return gids.isEmpty() ? "none" : gids;
    }

    private static String gid(Machine machine, String directory, String index) {
        String gid = machine.read(directory + "/gids/" + index).orElse(NO_GID);
        if (gid.equals(NO_GID)) {
            return "";
        }
        String type = machine.read(directory + "/gid_attrs/types/" + index).orElse("type unknown");
        String routable = gid.startsWith("fe80:") ? "link-local" : "routable";
        return index + " = " + gid + " (" + type + ", " + routable + ")";
    }

    private static Finding access(Machine machine) {
        List<String> devices = machine.list("/dev/infiniband").stream()
                .filter(name -> name.startsWith("uverbs"))
                .map(name -> "/dev/infiniband/" + name)
                .toList();
        List<String> refused = devices.stream()
                .filter(device -> !Files.isReadable(machine.path(device)) || !Files.isWritable(machine.path(device)))
                .toList();
        if (devices.isEmpty()) {
            return Finding.problem(
                    "/dev/infiniband",
                    "no uverbs device",
                    "modprobe ib_uverbs; in a container add " + "--device /dev/infiniband/...",
                    Finding.RDMA);
        }
        return refused.isEmpty()
                ? Finding.ok("/dev/infiniband", String.join(", ", devices))
                : Finding.problem(
                        "/dev/infiniband",
                        "no read and write access to " + String.join(", ", refused),
                        "add this user to the group of the device (often rdma), or run as root",
                        Finding.RDMA);
    }
}
