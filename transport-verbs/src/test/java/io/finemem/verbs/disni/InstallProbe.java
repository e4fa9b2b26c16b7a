package io.finemem.verbs.disni;

import com.ibm.disni.util.MemoryUtils;
import com.ibm.disni.util.NativeAffinity;
import com.ibm.disni.verbs.RdmaProvider;
import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Run in a JVM of its own by {@link InstallTest}: what can be done once in a JVM. The first argument is the case. */
final class InstallProbe {
    private InstallProbe() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "fresh" -> fresh();
            case "preloaded" -> preloaded();
            case "provided" -> provided();
            case "unchanged" -> use(Arrays.toString(arguments));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void fresh() throws IOException {
        JnrRdmaProvider first = JnrRdmaProvider.install();
        System.out.println("same=" + (JnrRdmaProvider.install() == first));
        use("fresh");
    }

    private static void preloaded() throws ClassNotFoundException {
        Class.forName("com.ibm.disni.util.NativeAffinity", false, InstallProbe.class.getClassLoader());
        installRefused();
    }

    private static void provided() throws ReflectiveOperationException {
        java.lang.reflect.Field field = RdmaProvider.class.getDeclaredField("provider");
        field.setAccessible(true);
        field.set(null, new OtherProvider());
        installRefused();
    }

    private static void installRefused() {
        try {
            JnrRdmaProvider.install();
            System.out.println("installed");
        } catch (InvalidConfiguration e) {
            System.out.println("refused=" + e.getMessage());
        }
    }

    /** What an unchanged program does. */
    private static void use(String arguments) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        System.out.println("arguments=" + arguments);
        System.out.println("address=" + (MemoryUtils.getAddress(buffer) != 0));
        ByteBuffer slice = buffer.duplicate().position(16).slice();
        System.out.println("slice=" + (MemoryUtils.getAddress(slice) - MemoryUtils.getAddress(buffer)));
        NativeAffinity.setAffinity(0);
        long processors = NativeAffinity.getAffinity();
        NativeAffinity.setAffinity(Long.lowestOneBit(processors));
        System.out.println("bound=" + (NativeAffinity.getAffinity() == Long.lowestOneBit(processors)));
        System.out.println("provider=" + RdmaProvider.provider().getClass().getSimpleName());
    }

    private static final class OtherProvider extends RdmaProvider {
        @Override
        public com.ibm.disni.verbs.RdmaCm openCm() {
            throw new UnsupportedOperationException();
        }

        @Override
        public com.ibm.disni.verbs.RdmaVerbs openVerbs() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int getVersion() {
            return 0;
        }
    }
}
