package io.finemem.examples;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.FineMemModule;
import jakarta.inject.Inject;
import java.nio.ByteBuffer;

public final class GuiceApplication {
    private final RemoteMemory memory;

    @Inject
    GuiceApplication(RemoteMemory memory) {
        this.memory = memory;
    }

    void count() {
        try (RemoteBlock block = memory.allocate(4096)) {
            block.write(0, ByteBuffer.allocate(8));
            System.out.println("counted to " + (block.fetchAdd(0, 1) + 1));
        }
    }

    public static void main(String[] arguments) {
        Injector injector = Guice.createInjector(FineMemModule.embedded(ConfigFactory.load()));
        try (FineMem memory = injector.getInstance(FineMem.class)) {
            injector.getInstance(GuiceApplication.class).count();
            System.out.println(memory.describe());
        }
    }
}
