package io.finemem.runtime;

import io.finemem.runtime.config.CoordinationChoice;
import io.finemem.runtime.config.HttpConfig;
import io.finemem.runtime.http.Health;
import io.finemem.runtime.http.HttpEndpoint;
import io.finemem.runtime.metrics.DirectoryMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The meters of a daemon behind its HTTP endpoint; neither is there if the endpoint is off. */
final class DaemonEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(DaemonEndpoint.class);

    private final HttpEndpoint endpoint;

    private DaemonEndpoint(HttpEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** Registers meters; what it returns is done before they are read. */
    interface Binding extends Function<MeterRegistry, Runnable> {}

    static Optional<DaemonEndpoint> open(
            HttpConfig http, String name, Binding meters, Supplier<Health> health, OwnedResources resources) {
        return http.listen().map(listen -> {
            PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            resources.add(registry::close);
            Runnable refresh = meters.apply(registry);
            Supplier<String> text = () -> {
                refresh.run();
                return registry.scrape();
            };
            HttpEndpoint endpoint = HttpEndpoint.open(listen, name, text, health);
            resources.add(endpoint::close);
            LOG.info("metrics and health at http://{}", hostAndPort(endpoint.address()));
            return new DaemonEndpoint(endpoint);
        });
    }

    /** Registers the meters of the directory. */
    static void directory(
            MeterRegistry registry, CoordinationChoice choice, DirectoryOutages outages, OwnedResources resources) {
        resources.add(new DirectoryMeters(
                registry, choice.provider(), outages::away, outages::count, outages::latestNanos)::close);
    }

    InetSocketAddress address() {
        return endpoint.address();
    }

    private static String hostAndPort(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
