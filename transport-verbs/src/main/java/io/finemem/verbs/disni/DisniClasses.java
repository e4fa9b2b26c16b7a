package io.finemem.verbs.disni;

import com.ibm.disni.util.StopWatch;
import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;
import org.objectweb.asm.commons.SimpleRemapper;

/**
 * Defines our classes under the names of the two of DiSNI that need libdisni.so or a flag of the JVM. A class can be defined
 * once per loader, so this must happen before DiSNI uses its own.
 */
final class DisniClasses {
    private static final Class<?>[] REPLACEMENTS = {AffinityReplacement.class, MemoryUtilsReplacement.class};
    /** A class of DiSNI's package that nothing depends on; it lends its package and loader to the definitions. */
    private static final Class<?> HOST = StopWatch.class;

    private DisniClasses() {}

    /** Replaces both; does nothing for those that are replaced already. */
    static void replace() {
        for (Class<?> replacement : REPLACEMENTS) {
            replace(replacement);
        }
    }

    private static void replace(Class<?> replacement) {
        String name = replacement.getAnnotation(Replaces.class).value();
        try {
            MethodHandles.privateLookupIn(HOST, MethodHandles.lookup()).defineClass(renamed(replacement, name));
        } catch (IllegalAccessException e) {
            throw new InvalidConfiguration(
                    e,
                    "DiSNI's classes are sealed off; put DiSNI on the class path, not the module path",
                    "class",
                    name);
        } catch (LinkageError e) {
            requireOurs(name, e);
        }
    }

    private static void requireOurs(String name, LinkageError cause) {
        try {
            if (Class.forName(name, false, HOST.getClassLoader()).isAnnotationPresent(Replaces.class)) {
                return;
            }
        } catch (ClassNotFoundException e) {
            cause.addSuppressed(e);
        }
        throw new InvalidConfiguration(
                cause,
                "DiSNI has loaded its own class, which needs libdisni.so; call JnrRdmaProvider.install() before any use of"
                        + " DiSNI, or start the program with " + Launch.class.getName(),
                "class",
                name);
    }

    private static byte[] renamed(Class<?> replacement, String name) {
        String from = replacement.getName().replace('.', '/');
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(bytes(replacement))
                .accept(new PublicUnderOtherName(writer, new SimpleRemapper(from, name.replace('.', '/'))), 0);
        return writer.toByteArray();
    }

    /** Ours are hidden, DiSNI's are public. */
    private static final class PublicUnderOtherName extends ClassRemapper {
        PublicUnderOtherName(ClassVisitor target, Remapper names) {
            super(Opcodes.ASM9, target, names);
        }

        @Override
        public void visit(int version, int access, String name, String signature, String parent, String[] interfaces) {
            super.visit(version, access | Opcodes.ACC_PUBLIC, name, signature, parent, interfaces);
        }
    }

    private static byte[] bytes(Class<?> type) {
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            if (in == null) {
                throw new IllegalStateException("own class file is missing: " + type);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
