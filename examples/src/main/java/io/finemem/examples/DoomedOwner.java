package io.finemem.examples;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.finemem.runtime.FineMem;
import java.io.IOException;
import java.nio.file.Path;

/** An owner in a process of its own, to be killed by {@link SurviveACrash}; the first argument is its configuration. */
final class DoomedOwner {
    private static final int BLOCKS = 100;

    private DoomedOwner() {}

    static Process start(Config config) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String text = config.root().render(ConfigRenderOptions.concise());
        return new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), DoomedOwner.class.getName(), text)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] arguments) throws IOException {
        try (FineMem memory = FineMem.connect(ConfigFactory.parseString(arguments[0]))) {
            for (int i = 0; i < BLOCKS; i++) {
                memory.allocate(8192);
            }
            System.out.println("holding " + BLOCKS + " blocks");
            System.in.read(); // ends at the latest with the parent
        }
    }
}
