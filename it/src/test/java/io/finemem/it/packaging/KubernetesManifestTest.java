package io.finemem.it.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The parts of {@code packaging/kubernetes/finemem.yaml} say the same thing. That its fields are those of Kubernetes is not checked here.
 */
class KubernetesManifestTest {
    private static final String MANIFEST = "packaging/kubernetes/finemem.yaml";
    private static final Set<String> WORKLOADS = Set.of("StatefulSet", "DaemonSet", "Deployment");

    private List<JsonNode> documents = List.of();

    @BeforeEach
    void read() throws IOException {
        documents = SourceTree.yaml(MANIFEST);
    }

    private static Stream<JsonNode> each(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private JsonNode only(String kind) {
        List<JsonNode> found = documents.stream()
                .filter(document -> document.get("kind").asText().equals(kind))
                .toList();
        assertThat(found).as(kind).hasSize(1);
        return found.get(0);
    }

    private Stream<JsonNode> workloads() {
        return documents.stream()
                .filter(document -> WORKLOADS.contains(document.get("kind").asText()));
    }

    private static JsonNode pod(JsonNode workload) {
        return workload.at("/spec/template/spec");
    }

    private static JsonNode container(JsonNode workload) {
        assertThat(pod(workload).get("containers")).hasSize(1);
        return pod(workload).at("/containers/0");
    }

    private Config config(String file) {
        return ConfigFactory.parseString(only("ConfigMap").at("/data").get(file).asText())
                .resolveWith(ConfigFactory.parseMap(Map.of("HOSTNAME", "finemem-memory-0")));
    }

    private FineMemConfig checked(String file) {
        return FineMemConfig.of(config(file), Transports.discover().providers());
    }

    private static int port(JsonNode container, String name) {
        return each(container.get("ports"))
                .filter(port -> port.get("name").asText().equals(name))
                .mapToInt(port -> port.get("containerPort").asInt())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theConfigurationsAreGoodForTheirRoles() {
        assertThat(checked("memory-node.conf").memoryNode().pool().name()).isEqualTo("finemem-memory-0");
        assertThat(checked("compute-node.conf").service().owner().memoryNodes()).hasSize(1);
        assertThat(checked("application.conf").serviceClient()).isNotNull();
    }

    @Test
    void portsAreThoseOfTheConfigurationsAndProbesAskThem() {
        Map<String, String> files = Map.of("StatefulSet", "memory-node.conf", "DaemonSet", "compute-node.conf");
        files.forEach((kind, file) -> {
            JsonNode container = container(only(kind));
            assertThat(port(container, "http")).isEqualTo(config(file).getInt("finemem.http.port"));
            assertThat(container.at("/args/0").asText() + ".conf").isEqualTo(file);
            assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
            assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health/live");
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                JsonNode get = container.get(probe).get("httpGet");
                assertThat(get.get("port").asText()).isEqualTo("http");
                // The endpoint's own default; reachable by the kubelet because of the host's network.
                assertThat(get.get("host").asText()).isEqualTo("127.0.0.1");
                assertThat(pod(only(kind)).get("hostNetwork").asBoolean()).isTrue();
            }
        });
        assertThat(port(container(only("StatefulSet")), "control"))
                .isEqualTo(config("memory-node.conf").getInt("finemem.memory-node.listen.port"))
                .isEqualTo(only("Service").at("/spec/ports/0/port").asInt());
    }

    @Test
    void theServiceFindsTheMemoryNodeByItsStableName() {
        JsonNode set = only("StatefulSet");
        String service = only("Service").at("/metadata/name").asText();
        assertThat(set.at("/spec/serviceName").asText()).isEqualTo(service);
        String name = set.at("/metadata/name").asText() + "-0";
        Config node = config("compute-node.conf")
                .getConfigList("finemem.client.memory-nodes")
                .get(0);
        assertThat(node.getString("name")).isEqualTo(name);
        assertThat(node.getString("address")).isEqualTo(name + "." + service + ":" + port(container(set), "control"));
        assertThat(only("Service").at("/spec/selector")).isEqualTo(set.at("/spec/selector/matchLabels"));
    }

    @Test
    void selectorsAreThePodsLabels() {
        assertThat(workloads()).hasSize(3).allSatisfy(workload -> {
            assertThat(workload.at("/spec/selector/matchLabels")).isNotEmpty();
            assertThat(workload.at("/spec/selector/matchLabels"))
                    .isEqualTo(workload.at("/spec/template/metadata/labels"));
        });
    }

    @Test
    void whatIsMountedIsThere() {
        assertThat(workloads()).allSatisfy(workload -> {
            Set<String> mounted = new TreeSet<>();
            Set<String> volumes = new TreeSet<>();
            each(pod(workload).get("volumes"))
                    .forEach(volume -> volumes.add(volume.get("name").asText()));
            Stream.of("containers", "initContainers")
                    .flatMap(kind -> each(pod(workload).path(kind)))
                    .flatMap(container -> each(container.get("volumeMounts")))
                    .forEach(mount -> {
                        mounted.add(mount.get("name").asText());
                        if (mount.has("subPath")) {
                            assertThat(only("ConfigMap")
                                            .get("data")
                                            .has(mount.get("subPath").asText()))
                                    .isTrue();
                        }
                    });
            assertThat(mounted).isEqualTo(volumes);
        });
        assertThat(only("ConfigMap").at("/metadata/name").asText()).isEqualTo("finemem");
    }

    @Test
    void everyPodHasTheAdapterAndNoMoreRightsThanItNeeds() {
        assertThat(workloads()).allSatisfy(workload -> {
            JsonNode container = container(workload);
            assertThat(container.at("/resources/limits/rdma~1hca").asInt()).isEqualTo(1);
            assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                    .isFalse();
            assertThat(container.at("/securityContext/capabilities/drop/0").asText())
                    .isEqualTo("ALL");
            assertThat(pod(workload).at("/securityContext/runAsUser").asInt()).isPositive();
        });
    }

    @Test
    void memoryOfThePodsHoldsPoolAndHeap() {
        JsonNode resources = container(only("StatefulSet")).get("resources");
        assertThat(resources.at("/limits/memory")).isEqualTo(resources.at("/requests/memory"));
        long limit = gibibytes(resources.at("/limits/memory").asText());
        long pool = config("memory-node.conf").getBytes("finemem.memory-node.pool");
        assertThat(limit - pool).isGreaterThanOrEqualTo(2 * heap(only("StatefulSet")));
        assertThat(gibibytes(container(only("DaemonSet"))
                        .at("/resources/limits/memory")
                        .asText()))
                .isGreaterThanOrEqualTo(2 * heap(only("DaemonSet")));
    }

    private static long gibibytes(String quantity) {
        assertThat(quantity).matches("\\d+Gi");
        return Long.parseLong(quantity.substring(0, quantity.length() - 2)) << 30;
    }

    private static long heap(JsonNode workload) {
        String options = each(container(workload).get("env"))
                .filter(variable -> variable.get("name").asText().equals("FINEMEM_JAVA_OPTIONS"))
                .map(variable -> variable.get("value").asText())
                .findFirst()
                .orElseThrow();
        assertThat(options).matches("-Xmx\\d+m");
        return Long.parseLong(options.substring("-Xmx".length(), options.length() - 1)) << 20;
    }

    @Test
    void usersAndGroupsOfServiceAndApplicationFitTogether() {
        int service = pod(only("DaemonSet")).at("/securityContext/runAsUser").asInt();
        int group = pod(only("DaemonSet")).at("/securityContext/runAsGroup").asInt();
        JsonNode application = pod(only("Deployment")).get("securityContext");
        assertThat(config("compute-node.conf").getIntList("finemem.service.allow.gids"))
                .containsExactly(group);
        assertThat(application.at("/supplementalGroups/0").asInt()).isEqualTo(group);
        assertThat(config("application.conf").getIntList("finemem.service.trusted-uids"))
                .containsExactly(service);
        assertThat(application.get("runAsUser").asInt()).isNotEqualTo(service);
    }
}
