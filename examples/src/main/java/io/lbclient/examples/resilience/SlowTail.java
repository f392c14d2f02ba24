package io.lbclient.examples.resilience;

import io.lbclient.ServerPool;
import io.lbclient.examples.shared.Fleet;
import io.lbclient.examples.shared.Narrator;
import io.lbclient.examples.shared.Traffic;
import io.lbclient.okhttp.LoadBalancingInterceptor;
import io.lbclient.retry.Hedge;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/**
 * All servers have a slow tail, and two clients ask them at the same time, of which one hedges: what the machine does to
 * one it does to the other.
 */
final class SlowTail {
    /** Of each of the two. */
    private static final int RATE = 200;

    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration TIME = Duration.ofSeconds(14);
    private static final double SLOW_P99_MILLIS = 900;
    private static final double MOST_ATTEMPTS = 1.05;
    private static final int MOST_AGAIN = 3;

    private final Narrator narrator;
    private final Fleet fleet;

    SlowTail(Narrator narrator, Fleet fleet) {
        this.narrator = narrator;
        this.fleet = fleet;
    }

    void play() throws IOException, InterruptedException {
        for (String server : ResilienceDemo.SERVERS) {
            fleet.process(server).tell(Fault.SLOW_TAIL.name());
        }
        narrator.say(
                "every server adds a second to 2 %% of its requests; %d GETs a second without hedging, as many with it",
                RATE);
        SideBySide all = new SideBySide(new Tally(), new Tally());
        SideBySide measured = measure();
        all.include(measured);
        // All of them count then: each for itself would be one more chance for what chance alone has brought about.
        for (int again = 0; !measured.isFast() && again < MOST_AGAIN; again++) {
            narrator.say("once more, since the p99 with hedging was not under 100 ms");
            measured = measure();
            all.include(measured);
        }
        double without = all.plain().percentile(99);
        narrator.promise(
                without > SLOW_P99_MILLIS, "a p99 of " + without + " ms without hedging (expected: about a second)");
        narrator.promise(measured.isFast() || all.spares(), all.describe());
    }

    private SideBySide measure() throws InterruptedException {
        try (ServerPool plainPool = ResilienceDemo.pool(fleet);
                ServerPool hedgedPool = ResilienceDemo.pool(fleet)) {
            OkHttpClient plain =
                    client(LoadBalancingInterceptor.builder().pool(plainPool).build());
            OkHttpClient hedged = client(LoadBalancingInterceptor.builder()
                    .pool(hedgedPool)
                    .hedge(Hedge.afterP95())
                    .build());
            // Counted too: what it leaves unused of the bound on hedges may be used after it.
            SideBySide warmUp = load(plain, hedged, WARM_UP);
            SideBySide measured = load(plain, hedged, TIME);
            tell("without hedging", plainPool, warmUp.plain(), measured.plain());
            tell("hedged after the p95", hedgedPool, warmUp.hedged(), measured.hedged());
            Traffic.end(plain);
            Traffic.end(hedged);
            return measured;
        }
    }

    private static OkHttpClient client(LoadBalancingInterceptor interceptor) {
        return interceptor.install(Traffic.client(ResilienceDemo.CALL_TIMEOUT).build());
    }

    private static SideBySide load(OkHttpClient plain, OkHttpClient hedged, Duration time) throws InterruptedException {
        SideBySide both = new SideBySide(new Tally(), new Tally());
        Traffic first = new Traffic(plain, ResilienceDemo.URL, RATE, System::nanoTime, both.plain()::add);
        Traffic second = new Traffic(hedged, ResilienceDemo.URL, RATE, System::nanoTime, both.hedged()::add);
        first.start();
        second.start();
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        // Both stop before anybody waits for answers, or one would go on sending meanwhile.
        boolean unused = first.finish(Duration.ZERO);
        boolean hedgedEnded = second.finish(ResilienceDemo.PATIENCE);
        boolean plainEnded = first.finish(ResilienceDemo.PATIENCE);
        if (!hedgedEnded) {
            both.hedged().failed("no answer in " + ResilienceDemo.PATIENCE);
        }
        if (!plainEnded) {
            both.plain().failed("no answer in " + ResilienceDemo.PATIENCE);
        }
        return both;
    }

    private void tell(String what, ServerPool pool, Tally warmUp, Tally tally) {
        double attempts = (double) ResilienceDemo.picks(pool) / (warmUp.requests() + tally.requests());
        narrator.say(
                "%-34s %,9d requests, p50 %.1f ms, p99 %.1f ms, %.4f attempts a request",
                what, tally.requests(), tally.percentile(50), tally.percentile(99), attempts);
        narrator.promise(
                attempts <= MOST_ATTEMPTS, attempts + " attempts a request (expected: at most " + MOST_ATTEMPTS + ")");
        narrator.promise(tally.errors() == 0, tally.errors() + " errors with a slow tail (expected: 0)");
    }
}
