package io.finemem.it.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The form of the Grafana dashboard; that its metrics are those of the daemons, the tests of observability check. */
class DashboardTest {
    private static final int COLUMNS = 24;

    private JsonNode dashboard;
    private final List<JsonNode> panels = new ArrayList<>();

    @BeforeEach
    void read() throws IOException {
        dashboard = SourceTree.json("docs/grafana/finemem.json");
        dashboard.get("panels").forEach(panels::add);
        assertThat(panels).isNotEmpty();
    }

    @Test
    void everyPanelAsksTheDataSourceThatTheUserChooses() {
        JsonNode variable = dashboard.at("/templating/list/0");
        assertThat(variable.get("type").asText()).isEqualTo("datasource");
        assertThat(variable.get("query").asText()).isEqualTo("prometheus");
        String chosen = "${" + variable.get("name").asText() + "}";
        assertThat(panels).allSatisfy(panel -> {
            assertThat(panel.at("/datasource/type").asText()).isEqualTo("prometheus");
            assertThat(panel.at("/datasource/uid").asText()).isEqualTo(chosen);
            panel.get("targets")
                    .forEach(target -> assertThat(target.path("datasource").isMissingNode())
                            .isTrue());
        });
    }

    @Test
    void everyPanelHasATitleAUnitAndQueriesWithNamesOfTheirOwn() {
        Set<Integer> ids = new HashSet<>();
        assertThat(panels).allSatisfy(panel -> {
            assertThat(panel.get("title").asText()).isNotBlank();
            assertThat(panel.at("/fieldConfig/defaults/unit").asText()).isNotBlank();
            assertThat(panel.get("targets")).isNotEmpty();
            Set<String> names = new HashSet<>();
            panel.get("targets").forEach(target -> {
                assertThat(names.add(target.get("refId").asText())).isTrue();
                assertThat(balanced(target.get("expr").asText())).isTrue();
                assertThat(target.get("legendFormat").asText()).isNotBlank();
            });
        });
        panels.forEach(panel -> assertThat(ids.add(panel.get("id").asInt())).isTrue());
        assertThat(dashboard.get("uid").asText()).isEqualTo("finemem");
    }

    private static boolean balanced(String expression) {
        int depth = 0;
        for (char c : expression.toCharArray()) {
            depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
            if (depth < 0) {
                return false;
            }
        }
        return depth == 0 && !expression.isBlank();
    }

    @Test
    void panelsLieSideBySide() {
        Set<Integer> taken = new HashSet<>();
        panels.forEach(panel -> {
            JsonNode at = panel.get("gridPos");
            for (int x = at.get("x").asInt();
                    x < at.get("x").asInt() + at.get("w").asInt();
                    x++) {
                for (int y = at.get("y").asInt();
                        y < at.get("y").asInt() + at.get("h").asInt();
                        y++) {
                    assertThat(x).isLessThan(COLUMNS);
                    assertThat(taken.add(y * COLUMNS + x))
                            .as("%s", panel.get("title"))
                            .isTrue();
                }
            }
        });
    }
}
