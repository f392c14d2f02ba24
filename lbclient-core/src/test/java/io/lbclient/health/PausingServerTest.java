package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.HealthCause;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ten servers that answer in 4 to 6 ms, a thousand requests a second together, for five minutes of simulated time. The
 * first one stands still for 3 s of every 30, as for a collection of its garbage: what it was sent is answered
 * afterwards, or given up by the caller after a time. The oracle knows of the pause and sends nothing there.
 */
class PausingServerTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = 1000 * MS;
    private static final int REQUESTS = 300_000;

    private record Pending(long due, Attempt attempt, Outcome outcome) {}

    private final Lab lab = new Lab();
    private final SplittableRandom random = new SplittableRandom(21);
    private final PriorityQueue<Pending> pending = new PriorityQueue<>(Comparator.comparingLong(Pending::due));

    /** Since the beginning; the ticker itself starts anywhere. */
    private long now;

    private ServerPool pool() {
        Server[] servers = Lab.servers(10).toArray(Server[]::new);
        return lab.builder(OutlierDetection.withDefaults())
                .balancer(Balancers.adaptive())
                .servers(servers)
                .build();
    }

    @ParameterizedTest(name = "given up after {0} ms")
    @CsvSource({"60000", "1000", "250"})
    @DisplayName("I21: a server that pauses for 3 s every 30 s costs the 99th percentile next to nothing")
    void incident21TheTailIsThatOfTheOracle(long patienceMillis) {
        long patience = patienceMillis * MS;
        long[] latencies = new long[REQUESTS];
        long[] oracle = new long[REQUESTS];
        try (ServerPool pool = pool()) {
            for (int i = 0; i < REQUESTS; i++) {
                long time = i * MS;
                completeUntil(time);
                moveTo(time);
                Attempt attempt = pool.pick();
                long usual = random.nextLong(4 * MS, 6 * MS);
                long needed = attempt.server().id().equals("s0") ? pauseLeft(time, usual) + usual : usual;
                latencies[i] = Math.min(needed, patience);
                oracle[i] = usual;
                pending.add(new Pending(
                        time + latencies[i], attempt, needed > patience ? Outcome.TIMEOUT : Outcome.SUCCESS));
            }
            completeUntil(Long.MAX_VALUE);
        }
        assertThat(percentile(latencies, 0.99) / percentile(oracle, 0.99)).isLessThanOrEqualTo(1.2);
        assertThat(percentile(latencies, 0.999) / percentile(oracle, 0.999)).isLessThanOrEqualTo(1.2);
        long ejections = lab.changes.stream()
                .filter(change -> change.cause() == HealthCause.OUTLIER && change.raised())
                .count();
        assertThat(ejections).as("at most one in 30 s").isLessThanOrEqualTo(10);
    }

    /** How long a request that comes at a time, and needs so much work, waits for the end of a pause. */
    private static long pauseLeft(long time, long work) {
        long inPeriod = time % (30 * SECOND);
        long pauseStart = 20 * SECOND;
        long pauseEnd = pauseStart + 3 * SECOND;
        boolean meetsPause = inPeriod + work > pauseStart && inPeriod < pauseEnd;
        // What was begun before the pause is finished after it.
        return meetsPause ? pauseEnd - Math.max(inPeriod, pauseStart) : 0;
    }

    private void completeUntil(long time) {
        while (!pending.isEmpty() && pending.peek().due() <= time) {
            Pending done = pending.remove();
            moveTo(done.due());
            done.attempt().complete(done.outcome());
            lab.scheduler.runDue();
        }
    }

    private void moveTo(long time) {
        lab.scheduler.advance(Duration.ofNanos(time - now));
        now = time;
    }

    private static double percentile(long[] latencies, double part) {
        long[] sorted = latencies.clone();
        Arrays.sort(sorted);
        return sorted[(int) (sorted.length * part)];
    }
}
