package io.finemem.runtime.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SoakOptionsTest {
    @Test
    void mistakesNameTheOptionAndWhatIsAllowed() {
        assertThatThrownBy(() -> SoakOptions.of(1, Isolation.STRICT, 0))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("--kills 0 is not valid here: it must be 1 to");
        assertThatThrownBy(() -> SoakOptions.of(1, Isolation.STRICT, 4090))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("--kills");
    }

    @Test
    void fabricIsTheSameAfterTheWayToAChildAndItsTextHasNoSecret() {
        Fabric fabric = new Fabric("shm", Map.of("directory", "/a b=c/d", "x", "1"), "c2VjcmV0");

        assertThat(Fabric.parse(fabric.line())).isEqualTo(fabric);
        assertThat(fabric.toString()).doesNotContain("c2VjcmV0");
    }
}
