package io.finemem.verbs.disni;

import io.finemem.api.FineMemException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

/**
 * Runs an unchanged DiSNI program on {@link JnrRdmaProvider}: {@code java -cp ... io.finemem.verbs.disni.Launch MAINCLASS
 * [ARGS...]}. Exit status 2 with one line on the error stream if the program cannot be started; otherwise the program's own.
 */
public final class Launch {
    /** Exit status of a wrong command line. */
    static final int USAGE = 2;

    private Launch() {}

    /** See the class. */
    public static void main(String[] args) throws Throwable {
        int status = run(args, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** 0 once the program's main has returned, or {@link #USAGE}; what the program throws passes through. */
    static int run(String[] args, PrintStream errors) throws Throwable {
        if (args.length == 0) {
            errors.println("usage: java ... " + Launch.class.getName() + " MAINCLASS [ARGS...]");
            return USAGE;
        }
        Method main;
        try {
            JnrRdmaProvider.install();
            main = mainMethod(args[0]);
        } catch (ClassNotFoundException e) {
            errors.println("no class " + args[0] + " on the class path; give the program's main class and add its jar");
            return USAGE;
        } catch (NoSuchMethodException e) {
            errors.println("class " + args[0] + " has no public static void main(String[])");
            return USAGE;
        } catch (FineMemException e) {
            errors.println(e.getMessage());
            return USAGE;
        }
        try {
            main.invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
            return 0;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Method mainMethod(String className) throws ClassNotFoundException, NoSuchMethodException {
        // Not initialised yet: static initialisers of the program belong to its own run.
        Class<?> program = Class.forName(className, false, Launch.class.getClassLoader());
        Method main = program.getMethod("main", String[].class);
        if (!Modifier.isStatic(main.getModifiers()) || main.getReturnType() != void.class) {
            throw new NoSuchMethodException(className);
        }
        main.setAccessible(true);
        return main;
    }
}
