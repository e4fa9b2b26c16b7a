package io.finemem.runtime.doctor;

import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * The Java that runs FineMem.
 *
 * @param release such as 17
 * @param version in full
 * @param arguments options that the JVM was started with
 * @param nioExported whether {@code sun.nio.ch}, which DiSNI uses, is open to this program
 */
record JvmFacts(int release, String version, List<String> arguments, boolean nioExported) {

    static JvmFacts ofThisProcess() {
        return new JvmFacts(
                Runtime.version().feature(),
                System.getProperty("java.vm.name") + " " + Runtime.version(),
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                Object.class.getModule().isExported("sun.nio.ch", JvmFacts.class.getModule()));
    }
}
