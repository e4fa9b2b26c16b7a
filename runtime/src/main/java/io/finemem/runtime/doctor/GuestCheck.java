package io.finemem.runtime.doctor;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** What a guest with soft RDMA can run on: KVM, QEMU, a user-mode kernel. */
final class GuestCheck implements Check {
    private static final String KVM = "/dev/kvm";

    @Override
    public List<Finding> examine(Machine machine) {
        return List.of(kvm(machine), qemu(machine), userMode(machine));
    }

    private static Finding kvm(Machine machine) {
        if (!machine.exists(KVM)) {
            return Finding.warning(
                    "KVM", "there is no " + KVM, "guests run under emulation, or in user mode if it is built");
        }
        if (!Files.isReadable(machine.path(KVM)) || !Files.isWritable(machine.path(KVM))) {
            return Finding.warning("KVM", "no access to " + KVM, "add this user to the group kvm");
        }
        return Finding.ok("KVM", KVM + " opens; ./finemem guest tries whether it runs a kernel");
    }

    private static Finding qemu(Machine machine) {
        return machine.program("qemu-system-x86_64")
                .map(path -> Finding.ok("QEMU", path))
                .orElseGet(() -> Finding.warning("QEMU", "not found", "apt-get install qemu-system-x86"));
    }

    private static Finding userMode(Machine machine) {
        return kernel(machine)
                .map(path -> Finding.ok("user-mode Linux", path))
                .orElseGet(() -> Finding.warning(
                        "user-mode Linux", "not built", "./finemem guest --build-uml (the fastest guest without KVM)"));
    }

    private static Optional<String> kernel(Machine machine) {
        Optional<String> named = machine.variable("FINEMEM_UML_KERNEL");
        if (named.isPresent()) {
            return named.filter(path -> Files.isExecutable(machine.path(path)));
        }
        String cache = machine.variable("FINEMEM_CACHE")
                .orElse(machine.variable("HOME").orElse("/root") + "/.cache/finemem");
        return machine.list(cache + "/guest").stream()
                .filter(name -> name.startsWith("uml-"))
                .map(name -> cache + "/guest/" + name + "/linux")
                .filter(path -> Files.isExecutable(machine.path(path)))
                .findFirst();
    }
}
