package io.lbclient.examples.extend;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A source: a page with one {@code host:port} a line, asked for every so often. Put guard rails around it. */
public record PolledList(URI page, Duration every) implements ServerDiscovery {
    /** Returns at once; what it finds is pushed later, as a whole list, from any thread. */
    @Override
    public Subscription subscribe(Sink sink) {
        HttpClient client = HttpClient.newHttpClient();
        Future<?> polls = sink.scheduler()
                .scheduleWithFixedDelay(() -> ask(client, sink), 0, every.toNanos(), TimeUnit.NANOSECONDS);
        return () -> polls.cancel(false);
    }

    /** On the pool's scheduler, so it must not wait for the answer. */
    private void ask(HttpClient client, Sink sink) {
        HttpRequest request = HttpRequest.newBuilder(page).timeout(every).build();
        Future<?> unused = client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        sink.failed(failure); // the list before stays
                    } else if (answer.statusCode() != 200) {
                        sink.failed(new IOException(page + " answered " + answer.statusCode()));
                    } else {
                        sink.update(servers(answer.body().lines(), sink));
                    }
                });
    }

    private static List<Server> servers(Stream<String> lines, Sink sink) {
        List<Server> servers = new ArrayList<>();
        lines.forEach(line -> {
            try {
                int colon = line.lastIndexOf(':');
                servers.add(Server.of(line.substring(0, colon), Integer.parseInt(line.substring(colon + 1))));
            } catch (RuntimeException e) {
                sink.refused(line, String.valueOf(e.getMessage())); // one bad line does not spoil the others
            }
        });
        return servers;
    }
}
