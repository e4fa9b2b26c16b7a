package io.finemem.runtime.top;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Asks HTTP endpoints of daemons for their metrics, all at the same time. */
public final class Endpoints {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final List<String> addresses;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /** @param addresses host and port of each */
    public Endpoints(List<String> addresses) {
        this.addresses = List.copyOf(addresses);
    }

    /** One answer for each, in their order; none takes longer than a few seconds. */
    List<Scrape> scrape() {
        List<CompletableFuture<Scrape>> asked =
                addresses.stream().map(this::ask).toList();
        return asked.stream().map(CompletableFuture::join).toList();
    }

    private CompletableFuture<Scrape> ask(String address) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/metrics"))
                .timeout(PATIENCE)
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .handle((response, failure) -> failure == null ? read(address, response) : failed(address, failure));
    }

    private static Scrape read(String address, HttpResponse<String> response) {
        if (response.statusCode() != OK) {
            return new Scrape(address, System.nanoTime(), List.of(), "answers with status " + response.statusCode());
        }
        List<Sample> samples = PrometheusText.parse(response.body());
        boolean ours = samples.stream().anyMatch(sample -> sample.name().startsWith("finemem_"));
        return new Scrape(
                address, System.nanoTime(), samples, ours ? "" : "is not the endpoint of a daemon of FineMem");
    }

    private static Scrape failed(String address, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String text;
        if (cause instanceof HttpTimeoutException) {
            text = "does not answer within " + PATIENCE.toSeconds() + " s";
        } else if (cause instanceof ConnectException) {
            text = "cannot be reached";
        } else {
            text = "failed: " + (cause instanceof IOException ? cause.getMessage() : cause.toString());
        }
        return new Scrape(address, System.nanoTime(), List.of(), text);
    }
}
