package io.lbclient.examples.resilience;

import dev.failsafe.RetryPolicy;
import io.lbclient.ServerPool;
import io.lbclient.examples.shared.Fleet;
import io.lbclient.examples.shared.Narrator;
import io.lbclient.examples.shared.Patience;
import io.lbclient.examples.shared.Traffic;
import io.lbclient.okhttp.LoadBalancingInterceptor;
import io.lbclient.retry.PerTryTimeout;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * Five server processes under steady load, one of which fails in one way after the other; then all of them with a slow
 * tail, without hedging and with it. Prints what it measured, and says whether that is what was promised.
 */
public final class ResilienceDemo {
    static final List<String> SERVERS = List.of("server-a", "server-b", "server-c", "server-d", "server-e");
    private static final String BAD = SERVERS.get(2);
    private static final double MOST_ATTEMPTS = 1.02;
    static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final HttpUrl URL = HttpUrl.get("http://orders/");

    private final Narrator narrator;
    private final Fleet fleet;
    private final Duration stretch;
    private final int rate;

    private ResilienceDemo(Narrator narrator, Fleet fleet, boolean shortRun, int rate) {
        this.narrator = narrator;
        this.fleet = fleet;
        this.rate = rate;
        this.stretch = Duration.ofSeconds(shortRun ? 3 : 8);
    }

    /**
     * Runs the demonstration.
     *
     * @param out where the figures go
     * @param shortRun whether to take less than a minute in place of almost two
     * @param rate requests a second
     * @return whether all that was promised held
     * @throws IOException if a server process cannot be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static boolean run(PrintStream out, boolean shortRun, int rate) throws IOException, InterruptedException {
        Narrator narrator = new Narrator(out);
        try (Fleet fleet = new Fleet(FaultyServer.class)) {
            narrator.say("starting %d servers, each a process of its own", SERVERS.size());
            fleet.start(SERVERS);
            ResilienceDemo demo = new ResilienceDemo(narrator, fleet, shortRun, rate);
            demo.faults();
            new SlowTail(narrator, fleet).play();
            return narrator.end();
        }
    }

    static ServerPool pool(Fleet fleet) {
        return ServerPool.builder("orders").servers(fleet.servers()).build();
    }

    private static Tally load(OkHttpClient client, int perSecond, Duration time) throws InterruptedException {
        Tally tally = new Tally();
        if (!new Traffic(client, URL, perSecond, System::nanoTime, tally::add).run(time, PATIENCE)) {
            tally.failed("no answer in " + PATIENCE);
        }
        return tally;
    }

    // One server fails, in one way after the other

    private void faults() throws IOException, InterruptedException {
        try (ServerPool pool = pool(fleet)) {
            OkHttpClient client = retrying(pool);
            load(client, Math.max(1, rate / 2), Duration.ofSeconds(3));
            narrator.say(
                    "%,d GETs a second to %d servers; %s fails in one way after the other", rate, SERVERS.size(), BAD);
            narrator.say("%-34s %9s %7s %7s %9s %9s", "", "requests", "errors", "bodies", "attempts", "p99");
            Sum sum = new Sum();
            measure("all is well", client, pool, sum);
            fleet.process(BAD).kill();
            measure("killed with SIGKILL", client, pool, sum);
            fleet.start(BAD);
            measure("started again", client, pool, sum);
            for (Fault fault : List.of(Fault.FAILS_FAST, Fault.SILENT, Fault.CUTS)) {
                fleet.process(BAD).tell(fault.name());
                measure(describe(fault), client, pool, sum);
                fleet.process(BAD).tell(Fault.NONE.name());
                measure("well again", client, pool, sum);
            }
            conclude(sum, pool);
            Traffic.end(client);
        }
    }

    /** What the user of a service knows: that a 500 of this one is worth another try. */
    private static OkHttpClient retrying(ServerPool pool) {
        RetryPolicy<Response> policy = RetryPolicy.<Response>builder()
                .handle(IOException.class)
                .handleResultIf(response -> response.code() >= 500)
                .withBackoff(Duration.ofMillis(12), Duration.ofMillis(125))
                .withJitter(1.0)
                .withMaxRetries(2)
                .build();
        return LoadBalancingInterceptor.builder()
                .pool(pool)
                .retry(policy)
                .perTryTimeout(PerTryTimeout.ofP99(3, Duration.ofMillis(250)))
                .build()
                .install(Traffic.client(CALL_TIMEOUT).build());
    }

    private void conclude(Sum sum, ServerPool pool) {
        narrator.say(
                "in all %,d requests: %,d errors, %,d bodies cut while they were read, %.4f attempts a request",
                sum.requests, sum.errors, sum.cuts, (double) sum.attempts / sum.requests);
        narrator.promise(sum.errors == 0, sum.errors + " errors for the user (expected: 0)");
        narrator.promise(
                sum.attempts <= MOST_ATTEMPTS * sum.requests, "more than " + MOST_ATTEMPTS + " attempts a request");
        // What a time limit has cut off is over a moment after the user has his answer.
        boolean idle = Patience.until(() -> inFlight(pool) == 0);
        narrator.promise(idle, inFlight(pool) + " in flight at the end (expected: 0)");
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

    private void measure(String what, OkHttpClient client, ServerPool pool, Sum sum) throws InterruptedException {
        long before = picks(pool);
        Tally tally = load(client, rate, stretch);
        long attempts = picks(pool) - before;
        sum.requests += tally.requests();
        sum.errors += tally.errors();
        sum.cuts += tally.cuts();
        sum.attempts += attempts;
        narrator.say(
                "%-34s %,9d %,7d %,7d %9.4f %6.1f ms",
                what,
                tally.requests(),
                tally.errors(),
                tally.cuts(),
                (double) attempts / tally.requests(),
                tally.percentile(99));
        tally.failures().forEach((failure, count) -> narrator.say("    %,d x %s", count.sum(), failure));
    }

    private static long inFlight(ServerPool pool) {
        return pool.snapshot().servers().stream().mapToLong(s -> s.inFlight()).sum();
    }

    static long picks(ServerPool pool) {
        return pool.snapshot().servers().stream().mapToLong(s -> s.picks()).sum();
    }
}
