package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnedResourcesTest {
    private final List<String> closed = new ArrayList<>();
    private final OwnedResources resources = new OwnedResources();

    private Runnable failing(String name) {
        return () -> {
            closed.add(name);
            throw new IllegalStateException(name);
        };
    }

    @Test
    void whatWasOpenedLastIsClosedFirstAndOnce() {
        resources.add(() -> closed.add("transport"));
        resources.add(() -> closed.add("node"));
        resources.close();
        resources.close();
        assertThat(closed).containsExactly("node", "transport");
    }

    @Test
    void aFailureDoesNotKeepTheRestOpen() {
        resources.add(failing("a"));
        resources.add(() -> closed.add("b"));
        resources.add(failing("c"));
        assertThatThrownBy(resources::close).hasMessage("c").satisfies(e -> assertThat(e.getSuppressed())
                .singleElement()
                .hasToString("java.lang.IllegalStateException: a"));
        assertThat(closed).containsExactly("c", "b", "a");
    }

    @Test
    void failuresOfCleaningUpAreAttachedToTheFailureBefore() {
        resources.add(failing("a"));
        RuntimeException first = new IllegalArgumentException("first");
        resources.closeAfter(first);
        assertThat(first.getSuppressed()).hasSize(1);
    }
}
