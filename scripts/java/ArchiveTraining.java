import java.io.File;
import java.io.IOException;
import java.util.Iterator;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads every class of the jars on the class path, so that a JVM started with {@code -XX:ArchiveClassesAtExit} archives
 * them all. Classes that need an absent optional library cannot be loaded; they are counted, not archived.
 */
final class ArchiveTraining {
    private int loaded;
    private int left;

    public static void main(String[] arguments) throws IOException {
        ArchiveTraining training = new ArchiveTraining();
        for (String jar : System.getProperty("java.class.path").split(File.pathSeparator)) {
            training.loadAll(jar);
        }
        System.out.println(training.loaded + " classes archived, " + training.left + " not loadable");
    }

    private void loadAll(String path) throws IOException {
        try (JarFile jar = new JarFile(path)) {
            for (Iterator<JarEntry> entries = jar.entries().asIterator(); entries.hasNext(); ) {
                String name = entries.next().getName();
                boolean versioned = name.startsWith("META-INF/");
                if (name.endsWith(".class") && !name.endsWith("-info.class") && !versioned) {
                    load(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
                }
            }
        }
    }

    private void load(String name) {
        try {
            Class.forName(name, false, ClassLoader.getSystemClassLoader());
            loaded++;
        } catch (ClassNotFoundException | LinkageError absent) {
            left++;
        }
    }
}
