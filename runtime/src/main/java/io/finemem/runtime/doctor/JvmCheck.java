package io.finemem.runtime.doctor;

import java.util.ArrayList;
import java.util.List;

/** The Java release and the flags that native code wants. */
final class JvmCheck implements Check {
    private static final int FIRST_WITH_NATIVE_ACCESS_WARNINGS = 24;

    @Override
    public List<Finding> examine(Machine machine) {
        JvmFacts jvm = machine.jvm();
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("JVM", jvm.version()));
        findings.add(
                jvm.nioExported()
                        ? Finding.ok("JVM flags", "sun.nio.ch is exported")
                        : Finding.problem(
                                "JVM flags",
                                "sun.nio.ch is not exported, DiSNI needs it",
                                "java --add-exports java.base/sun.nio.ch=ALL-UNNAMED",
                                Finding.RDMA));
        boolean wantsNativeAccess = jvm.release() >= FIRST_WITH_NATIVE_ACCESS_WARNINGS;
        if (wantsNativeAccess
                && jvm.arguments().stream().noneMatch(flag -> flag.startsWith("--enable-native-access"))) {
            findings.add(Finding.warning(
                    "JVM flags",
                    "native access is not enabled: this JVM warns, a later one may refuse",
                    "java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"));
        }
        return findings;
    }
}
