package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Installing in fresh JVMs without any flag: the JDK of the build, and those installed beside it, 17 and up. */
@Timeout(60)
class InstallTest {
    private static final String PROBE = InstallProbe.class.getName();

    static List<Path> jdks() throws IOException {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        List<Path> jdks = new ArrayList<>(List.of(own));
        Path beside = own.getParent();
        try (Stream<Path> found = beside == null ? Stream.empty() : Files.list(beside)) {
            for (Path candidate : found.sorted().toList()) {
                if (!Files.isSymbolicLink(candidate) && !candidate.equals(own) && version(candidate) >= 17) {
                    jdks.add(candidate);
                }
            }
        }
        return jdks;
    }

    private static int version(Path jdk) throws IOException {
        Path release = jdk.resolve("release");
        if (!Files.isExecutable(jdk.resolve("bin/java")) || !Files.isReadable(release)) {
            return 0;
        }
        return Files.readAllLines(release, StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("JAVA_VERSION="))
                .map(line -> line.replaceAll("\\D*(\\d+).*", "$1"))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(0);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void afterInstallDisniWorksWithoutItsLibraryAndWithoutFlags(Path jdk) throws Exception {
        assertThat(run(jdk, PROBE, "fresh"))
                .contains("same=true", "address=true", "slice=16", "bound=true", "provider=JnrRdmaProvider", "exit=0");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void unchangedProgramIsStartedWithItsArguments(Path jdk) throws Exception {
        assertThat(run(jdk, Launch.class.getName(), PROBE, "unchanged", "a b"))
                .contains("arguments=[unchanged, a b]", "bound=true", "provider=JnrRdmaProvider", "exit=0");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void installAfterDisniLoadedItsOwnClassSaysWhatToDo(Path jdk) throws Exception {
        assertThat(run(jdk, PROBE, "preloaded"))
                .contains("refused=", "before any use of DiSNI", "class=com.ibm.disni.util.NativeAffinity")
                .doesNotContain("installed");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void installBesideAnotherProviderNamesIt(Path jdk) throws Exception {
        assertThat(run(jdk, PROBE, "provided"))
                .contains("refused=", "OtherProvider")
                .doesNotContain("installed");
    }

    private static String run(Path jdk, String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(jdk.resolve("bin/java").toString()));
        line.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
        line.addAll(List.of("-cp", System.getProperty("java.class.path")));
        line.addAll(List.of(command));
        Path output = Files.createTempFile("install", ".txt");
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(50, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return Files.readString(output) + "exit=" + process.waitFor();
        } finally {
            Files.delete(output);
        }
    }
}
