package io.finemem.runtime.cli;

import io.finemem.runtime.control.PresharedSecret;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code finemem new-secret}: makes the file that memory nodes and clients share. */
@Command(
        name = "new-secret",
        description =
                "Makes a new secret file for memory nodes and their clients; copy it to each machine by a safe way.",
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class NewSecretCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "The file to make; one that exists is left as it is.")
    private Path file = Path.of("");

    @Override
    public Integer call() {
        PresharedSecret.create(file);
        spec.commandLine().getOut().println("wrote a new secret to " + file + " (mode 600)");
        return FineMemCommand.OK;
    }
}
