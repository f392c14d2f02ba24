package io.lbclient.examples.resilience;

import dev.failsafe.RetryPolicy;
import io.lbclient.ServerPool;
import io.lbclient.examples.process.ServerProcess;
import io.lbclient.okhttp.LoadBalancingInterceptor;
import io.lbclient.retry.Hedge;
import io.lbclient.retry.PerTryTimeout;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Five server processes under steady load, one of which fails in one way after the other; then all of them with a slow
 * tail, without hedging and with it. Prints what it measured, and says whether that is what was promised.
 */
public final class ResilienceDemo implements AutoCloseable {
    private static final int SERVERS = 5;
    private static final int TAIL_RATE = 200;
    private static final Duration TAIL_WARM_UP = Duration.ofSeconds(6);
    private static final Duration TAIL_TIME = Duration.ofSeconds(14);
    private static final int MOST_AT_ONCE = 2000;
    private static final double MOST_ATTEMPTS = 1.02;
    private static final double MOST_HEDGED = 1.05;
    private static final double SLOW_P99_MILLIS = 900;
    private static final double FAST_P99_MILLIS = 100;
    private static final HttpUrl URL = HttpUrl.get("http://orders/api/items");

    private final PrintStream out;
    private final List<ServerProcess> servers = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private final Duration stretch;
    private final int rate;

    private ResilienceDemo(PrintStream out, boolean shortRun, int rate) {
        this.out = out;
        this.rate = rate;
        this.stretch = Duration.ofSeconds(shortRun ? 3 : 8);
    }

    /**
     * Runs the demonstration.
     *
     * @param out where the figures go
     * @param shortRun whether to take a minute and a quarter in place of two
     * @param rate requests a second
     * @return whether all that was promised held
     * @throws IOException if a server process cannot be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static boolean run(PrintStream out, boolean shortRun, int rate) throws IOException, InterruptedException {
        try (ResilienceDemo demo = new ResilienceDemo(out, shortRun, rate)) {
            // Ctrl-C must not leave processes behind.
            Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "end of the servers"));
            demo.say("starting %d servers, each a process of its own", SERVERS);
            for (int i = 0; i < SERVERS; i++) {
                demo.servers.add(ServerProcess.start(FaultyServer.class, "server-" + (char) ('a' + i)));
            }
            demo.faults();
            demo.slowTail();
            demo.broken.forEach(what -> demo.say("NOT AS PROMISED: %s", what));
            return demo.broken.isEmpty();
        }
    }

    private void say(String format, Object... arguments) {
        out.printf(Locale.ROOT, format + "%n", arguments);
        out.flush();
    }

    private void promise(boolean kept, String what) {
        if (!kept) {
            broken.add(what);
        }
    }

    private ServerPool pool() {
        return ServerPool.builder("orders")
                .servers(servers.stream().map(ServerProcess::server).toList())
                .build();
    }

    private static OkHttpClient client(LoadBalancingInterceptor interceptor) {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(MOST_AT_ONCE);
        dispatcher.setMaxRequestsPerHost(MOST_AT_ONCE);
        return interceptor.install(new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(MOST_AT_ONCE, 1, TimeUnit.MINUTES))
                .callTimeout(Duration.ofSeconds(10))
                .build());
    }

    // One server fails, in one way after the other

    private void faults() throws IOException, InterruptedException {
        try (ServerPool pool = pool()) {
            // What the user of a service knows: that a 500 of this one is worth another try.
            RetryPolicy<Response> policy = RetryPolicy.<Response>builder()
                    .handle(IOException.class)
                    .handleResultIf(response -> response.code() >= 500)
                    .withBackoff(Duration.ofMillis(12), Duration.ofMillis(125))
                    .withJitter(1.0)
                    .withMaxRetries(2)
                    .build();
            OkHttpClient client = client(LoadBalancingInterceptor.builder()
                    .pool(pool)
                    .retry(policy)
                    .perTryTimeout(PerTryTimeout.ofP99(3, Duration.ofMillis(250)))
                    .build());
            Load load = new Load(client, URL);
            load.run(Math.max(1, rate / 2), Duration.ofSeconds(3));
            say("%,d GETs a second to %d servers; server-c fails in one way after the other", rate, SERVERS);
            say("%-34s %9s %7s %7s %9s %9s", "", "requests", "errors", "bodies", "attempts", "p99");
            Sum sum = new Sum();
            ServerProcess bad = servers.get(2);
            measure("all is well", load, pool, sum);
            bad.kill();
            measure("killed with SIGKILL", load, pool, sum);
            bad.restart().await();
            measure("started again", load, pool, sum);
            for (Fault fault : List.of(Fault.FAILS_FAST, Fault.SILENT, Fault.CUTS)) {
                bad.tell(fault.name());
                measure(describe(fault), load, pool, sum);
                bad.tell(Fault.NONE.name());
                measure("well again", load, pool, sum);
            }
            say(
                    "in all %,d requests: %,d errors, %,d bodies cut while they were read, %.4f attempts a request",
                    sum.requests, sum.errors, sum.cuts, (double) sum.attempts / sum.requests);
            promise(sum.errors == 0, sum.errors + " errors for the user (expected: 0)");
            promise(sum.attempts <= MOST_ATTEMPTS * sum.requests, "more than " + MOST_ATTEMPTS + " attempts a request");
            long inFlight = pool.snapshot().servers().stream()
                    .mapToLong(s -> s.inFlight())
                    .sum();
            promise(inFlight == 0, inFlight + " in flight at the end (expected: 0)");
            end(client);
        }
    }

    private static String describe(Fault fault) {
        return switch (fault) {
            case NONE -> "well again";
            case FAILS_FAST -> "answers 500 in a millisecond";
            case SILENT -> "accepts, and never answers";
            case CUTS -> "resets in the middle of bodies";
            case SLOW_TAIL -> "adds a second to 2 % of the requests";
        };
    }

    private static final class Sum {
        private long requests;
        private long errors;
        private long cuts;
        private long attempts;
    }

    private void measure(String what, Load load, ServerPool pool, Sum sum) throws InterruptedException {
        long before = picks(pool);
        Tally tally = load.run(rate, stretch);
        long attempts = picks(pool) - before;
        sum.requests += tally.requests();
        sum.errors += tally.errors();
        sum.cuts += tally.cuts();
        sum.attempts += attempts;
        say(
                "%-34s %,9d %,7d %,7d %9.4f %6.1f ms",
                what,
                tally.requests(),
                tally.errors(),
                tally.cuts(),
                (double) attempts / tally.requests(),
                tally.percentile(99));
        tally.failures().forEach((failure, count) -> say("    %,d x %s", count.sum(), failure));
    }

    private static long picks(ServerPool pool) {
        return pool.snapshot().servers().stream().mapToLong(s -> s.picks()).sum();
    }

    // All servers have a slow tail

    private void slowTail() throws IOException, InterruptedException {
        for (ServerProcess server : servers) {
            server.tell(Fault.SLOW_TAIL.name());
        }
        say("every server adds a second to 2 %% of its requests; %d GETs a second", TAIL_RATE);
        double without = tail("without hedging", null);
        double with = tail("hedged after the p95", Hedge.afterP95());
        if (with >= FAST_P99_MILLIS) {
            // Whatever else the machine does shows in a p99 of milliseconds; twice in a row it is ours.
            with = tail("hedged after the p95, once more", Hedge.afterP95());
        }
        promise(without > SLOW_P99_MILLIS, "a p99 of " + without + " ms without hedging (expected: about a second)");
        promise(with < FAST_P99_MILLIS, "a p99 of " + with + " ms with hedging (expected: under 100)");
    }

    private double tail(String what, @Nullable Hedge hedge) throws InterruptedException {
        try (ServerPool pool = pool()) {
            LoadBalancingInterceptor.Builder settings =
                    LoadBalancingInterceptor.builder().pool(pool);
            OkHttpClient client = client((hedge == null ? settings : settings.hedge(hedge)).build());
            Load load = new Load(client, URL);
            // Counted too: what it leaves unused of the bound on hedges may be used after it.
            long warmUp = load.run(TAIL_RATE, TAIL_WARM_UP).requests();
            Tally tally = load.run(TAIL_RATE, TAIL_TIME);
            double attempts = (double) picks(pool) / (warmUp + tally.requests());
            say(
                    "%-34s %,9d requests, p50 %.1f ms, p99 %.1f ms, %.4f attempts a request",
                    what, tally.requests(), tally.percentile(50), tally.percentile(99), attempts);
            promise(attempts <= MOST_HEDGED, attempts + " attempts a request (expected: at most 1.05)");
            promise(tally.errors() == 0, tally.errors() + " errors with a slow tail (expected: 0)");
            end(client);
            return tally.percentile(99);
        }
    }

    private static void end(OkHttpClient client) {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    /** Ends all server processes. */
    @Override
    public void close() {
        servers.forEach(ServerProcess::close);
    }
}
