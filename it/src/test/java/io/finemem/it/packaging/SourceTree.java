package io.finemem.it.packaging;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Files of the source tree, as trees. */
final class SourceTree {
    static final Path ROOT = root();
    private static final ObjectMapper JSON = new ObjectMapper();

    private SourceTree() {}

    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("ARCHITECTURE.md"))) {
            root = root.getParent();
        }
        return root;
    }

    static String read(String path) throws IOException {
        return Files.readString(ROOT.resolve(path));
    }

    /** A JSON file. */
    static JsonNode json(String path) throws IOException {
        return JSON.readTree(read(path));
    }

    /** The documents of a YAML file; a key that is there twice is an error. */
    static List<JsonNode> yaml(String path) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<JsonNode> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(read(path))) {
            documents.add(JSON.valueToTree(document));
        }
        return documents;
    }
}
