package io.finemem.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
    static final String COMMAND = "mvn -q -pl it -am test -Dtest=ConfigurationPageTest "
            + "-Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write=true";
    private static final Path PAGE = Repository.ROOT.resolve("docs/configuration.md");

    @Test
    void thePageIsMadeOfTheReference() throws IOException {
        String expected = ConfigurationPage.of(Repository.read("runtime/src/main/resources/reference.conf"));
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, expected);
        }
        assertThat(PAGE).as("make it anew: %s", COMMAND).hasContent(expected);
    }

    @Test
    void everyKeyOfTheReferenceIsOnThePage() {
        String page = Repository.read(PAGE);
        ConfigFactory.parseResources("reference.conf")
                .getConfig("finemem")
                .entrySet()
                .forEach(entry -> assertThat(page)
                        .contains("`" + entry.getKey().substring(entry.getKey().lastIndexOf('.') + 1) + "`"));
    }
}
