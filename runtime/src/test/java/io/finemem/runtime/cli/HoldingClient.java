package io.finemem.runtime.cli;

import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import java.io.IOException;

/** A client process that holds blocks until its standard input ends; its configuration is the first argument. */
final class HoldingClient {
    private HoldingClient() {}

    public static void main(String[] arguments) throws IOException {
        try (FineMem memory = FineMem.connect(ConfigFactory.parseString(arguments[0]));
                RemoteBlock first = memory.allocate(4096);
                RemoteBlock second = memory.allocate(16 * 1024)) {
            System.out.println("holding " + (first.length() + second.length()));
            while (System.in.read() >= 0) {
                continue;
            }
        }
    }
}
