package io.finemem.runtime.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers GET and HEAD of {@code /metrics} (Prometheus' text format), {@code /health/live} and {@code /health/ready} (200, or 503 with
 * the reason). Without authentication and encryption: it tells names of owners and sizes, no secret, and listens on the loopback
 * address unless it is told otherwise.
 *
 * <p>Two threads of its own; a request or an answer that takes longer than ten seconds is dropped.
 */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
    private static final int THREADS = 2;
    private static final int WAITING = 16;
    private static final int BACKLOG = 16;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;
    private static final long NO_BODY = -1;
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final InetSocketAddress wanted;
    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    private record Answer(int status, String type, String text) {}

    private HttpEndpoint(InetSocketAddress wanted, HttpServer server, String name) {
        this.wanted = wanted;
        this.server = server;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                task -> {
                    Thread thread = new Thread(task, "finemem-http-" + name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.CallerRunsPolicy());
        threads.prestartAllCoreThreads(); // when no thread can be started any more, health must still be answered
    }

    /**
     * Starts answering.
     *
     * @param listen where; port 0 takes a free one
     * @param name of the daemon, for its threads
     * @param metrics the text of /metrics
     * @param health the answer of /health/ready
     * @throws InvalidConfiguration if the address is not one of this machine
     * @throws OutOfLocalResources if the port is in use
     */
    public static HttpEndpoint open(
            InetSocketAddress listen, String name, Supplier<String> metrics, Supplier<Health> health) {
        limitTime("sun.net.httpserver.maxReqTime");
        limitTime("sun.net.httpserver.maxRspTime");
        HttpEndpoint endpoint = new HttpEndpoint(listen, bind(listen), name);
        endpoint.server.setExecutor(endpoint.threads);
        endpoint.serve("/metrics", () -> new Answer(OK, PROMETHEUS, metrics.get()));
        endpoint.serve("/health/live", () -> new Answer(OK, PLAIN, "live\n"));
        endpoint.serve("/health/ready", () -> ready(health.get()));
        endpoint.server.createContext(
                "/", exchange -> answer(exchange, "", () -> new Answer(NOT_FOUND, PLAIN, "not found\n")));
        endpoint.server.start();
        return endpoint;
    }

    /** The server of the JDK has no other way to say it, and reads it once. */
    private static void limitTime(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, "10");
        }
    }

    private static Answer ready(Health health) {
        return new Answer(health.ready() ? OK : UNAVAILABLE, PLAIN, health.text() + "\n");
    }

    private void serve(String path, Supplier<Answer> content) {
        server.createContext(path, exchange -> answer(exchange, path, content));
    }

    private static void answer(HttpExchange exchange, String path, Supplier<Answer> content) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            boolean head = method.equals("HEAD");
            if (!head && !method.equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                send(exchange, new Answer(NOT_ALLOWED, PLAIN, "GET or HEAD only\n"), false);
            } else if (!path.isEmpty() && !exchange.getRequestURI().getPath().equals(path)) {
                send(exchange, new Answer(NOT_FOUND, PLAIN, "not found\n"), head);
            } else {
                send(exchange, guarded(content), head);
            }
        }
    }

    private static Answer guarded(Supplier<Answer> content) {
        try {
            return content.get();
        } catch (RuntimeException e) {
            LOG.warn("a request of the HTTP endpoint failed: {}", e.getMessage(), e);
            return new Answer(FAILED, PLAIN, "failed; the log of the daemon says why\n");
        }
    }

    private static void send(HttpExchange exchange, Answer answer, boolean head) throws IOException {
        byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(answer.status(), NO_BODY);
            return;
        }
        exchange.sendResponseHeaders(answer.status(), body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static HttpServer bind(InetSocketAddress listen) {
        String where = "the HTTP endpoint cannot listen on " + listen.getHostString() + ":" + listen.getPort() + ": ";
        if (listen.isUnresolved()) {
            throw new InvalidConfiguration(
                    where + "there is no such host; set finemem.http.host to an address of this machine");
        }
        try {
            return HttpServer.create(listen, BACKLOG);
        } catch (BindException e) {
            if (String.valueOf(e.getMessage()).contains("assign")) {
                throw new InvalidConfiguration(
                        e, where + e.getMessage() + "; set finemem.http.host to an address of this machine");
            }
            throw new OutOfLocalResources(
                    e, where + e.getMessage() + "; set finemem.http.port to a free one, or to off");
        } catch (IOException e) {
            throw new OutOfLocalResources(e, where + e.getMessage());
        }
    }

    /** Where it listens, with the real port. */
    public InetSocketAddress address() {
        InetSocketAddress bound = server.getAddress();
        return bound.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(wanted.getAddress(), bound.getPort())
                : bound;
    }

    /** Answers no more. Later calls do nothing. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
