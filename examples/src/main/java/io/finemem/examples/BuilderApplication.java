package io.finemem.examples;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import java.io.File;

/** Memory nodes in other processes, without Guice; the first argument names the configuration file. */
public final class BuilderApplication {
    private BuilderApplication() {}

    public static void main(String[] arguments) {
        Config config = ConfigFactory.parseFile(new File(arguments[0]));
        try (FineMem memory = FineMem.builder().config(config).connect();
                RemoteBlock block = memory.allocate(1 << 20)) {
            System.out.println(block.length() + " bytes, " + memory.describe());
        }
    }
}
