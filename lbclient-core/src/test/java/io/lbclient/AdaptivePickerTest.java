package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the default strategy takes turns, remembers and looks again, in virtual time. */
class AdaptivePickerTest {
    private static final long MS = 1_000_000;

    private final PoolFixture fixture = new PoolFixture();

    private ServerPool pool(int count) {
        return fixture.builder()
                .balancer(Balancer.adaptive())
                .healthMonitors()
                .servers(servers(count))
                .build();
    }

    /** One request after another, each answered before the next; returns the picks by server. */
    private Map<String, Integer> oneByOne(ServerPool pool, int requests, Duration pause, ToLongFunction<String> nanos) {
        Map<String, Integer> picks = new HashMap<>();
        for (int i = 0; i < requests; i++) {
            Attempt attempt = pool.pick();
            picks.merge(id(attempt), 1, Integer::sum);
            fixture.ticker.advanceNanos(nanos.applyAsLong(id(attempt)));
            attempt.complete(Outcome.SUCCESS);
            fixture.advance(pause);
        }
        return picks;
    }

    @Test
    void serversThatCostAboutTheSameTakeTurnsWhenThereIsLittleToDo() {
        ServerPool pool = pool(10);
        long[] times = {8, 9, 10, 11, 12, 8, 9, 10, 11, 12};

        Map<String, Integer> picks =
                oneByOne(pool, 600, Duration.ofSeconds(1), id -> times[Integer.parseInt(id.substring(1))] * MS);

        assertThat(picks)
                .hasSize(10)
                .allSatisfy((id, count) -> assertThat(count).isBetween(30, 90));
    }

    @ParameterizedTest(name = "while the list changes: {0}")
    @ValueSource(booleans = {false, true})
    void aServerThatIsShunnedIsLookedAtOnceInFiveSecondsByASlowClient(boolean changing) {
        ServerPool pool = pool(4);
        ToLongFunction<String> nanos = id -> id.equals("s3") ? 200 * MS : 10 * MS;
        oneByOne(pool, 400, Duration.ofMillis(90), nanos);
        long before = of(pool, "s3").picks();
        long from = fixture.ticker.read();
        for (int i = 0; i < 100; i++) {
            pool.add(server("s0").withWeight(changing && i % 2 == 0 ? 1 + 1e-9 : 1));
            oneByOne(pool, 10, Duration.ofMillis(90), nanos);
        }

        double seconds = (fixture.ticker.read() - from) / 1e9;
        assertThat((of(pool, "s3").picks() - before) / seconds).isBetween(0.1, 0.22);
    }

    @Test
    void aServerThatIsShunnedGetsAHundredAndFiftiethAtMostOfAFastClient() {
        ServerPool pool = pool(4);
        oneByOne(pool, 20_000, Duration.ofNanos(MS), id -> id.equals("s0") ? 200 * MS : MS);

        Map<String, Integer> picks =
                oneByOne(pool, 20_000, Duration.ofNanos(MS), id -> id.equals("s0") ? 200 * MS : MS);

        assertThat(picks.get("s0")).isBetween(5, 20_000 / 150);
    }

    @Test
    void aServerWithARequestInFlightIsNotLookedAtForItWillShowHowItDoes() {
        ServerPool pool = pool(4);
        oneByOne(pool, 400, Duration.ofMillis(90), id -> id.equals("s0") ? 400 * MS : 10 * MS);
        pool.attempt("s0");

        Map<String, Integer> picks = oneByOne(pool, 400, Duration.ofMillis(90), id -> 10 * MS);

        assertThat(picks).doesNotContainKey("s0");
    }

    /** Ten answers in two seconds say which server is faster; one answer in a few seconds may differ by chance. */
    @Test
    void aSlowClientMakesLittleOfADifferenceThatMayBeChance() {
        ToLongFunction<String> nanos = id -> id.equals("s0") ? 20 * MS : 10 * MS;

        Map<String, Integer> slow = oneByOne(pool(4), 400, Duration.ofSeconds(1), nanos);
        Map<String, Integer> fast = oneByOne(pool(4), 400, Duration.ofMillis(20), nanos);

        assertThat(slow.get("s0")).isBetween(95, 105);
        assertThat(fast.get("s0")).isLessThan(40);
    }

    @Test
    void oneGoodAnswerAfterALookBringsTheShareBack() {
        ServerPool pool = pool(4);
        oneByOne(pool, 400, Duration.ofMillis(90), id -> id.equals("s0") ? 400 * MS : 10 * MS);
        // At most one look that was under way, and then one every five seconds.
        oneByOne(pool, 60, Duration.ofMillis(90), id -> 10 * MS);

        Map<String, Integer> picks = oneByOne(pool, 400, Duration.ofMillis(90), id -> 10 * MS);

        assertThat(picks.get("s0")).isBetween(80, 120);
    }

    @Test
    void oneFailureAmongManyAnswersCostsAServerLittle() {
        ServerPool pool = pool(4);
        oneByOne(pool, 200, Duration.ofMillis(10), id -> 10 * MS);
        Attempt fails = pool.pick();
        fails.complete(Outcome.FAILURE);

        // Twelve seconds, of which it may be left out for five.
        Map<String, Integer> picks = oneByOne(pool, 600, Duration.ofMillis(10), id -> 10 * MS);

        assertThat(picks.get(id(fails))).isGreaterThan(75);
    }

    @Test
    void amongManyServersItFindsTheFewThatAreFastAndStaysWithThem() {
        ServerPool pool = pool(1000);
        ToLongFunction<String> nanos = id -> Integer.parseInt(id.substring(1)) % 50 == 0 ? MS : 20 * MS;
        oneByOne(pool, 3000, Duration.ofNanos(MS), nanos);

        Map<String, Integer> picks = oneByOne(pool, 3000, Duration.ofNanos(MS), nanos);

        int fast = IntStream.range(0, 20)
                .map(i -> picks.getOrDefault("s" + 50 * i, 0))
                .sum();
        // Ten looks at random would find one of the fast ones in a fifth of the picks.
        assertThat(fast).isGreaterThan(2000);
    }

    @Test
    void aNewcomerAfterALongSilenceCostsWhatItsPeersCost() {
        ServerPool pool = pool(4);
        oneByOne(pool, 200, Duration.ofMillis(10), id -> 50 * MS);
        fixture.advance(Duration.ofMinutes(10));
        pool.add(server("new"));

        // Five requests in flight to five servers that cost the same; one that seemed to cost nothing would get them
        // all.
        Map<String, Integer> picks = new HashMap<>();
        IntStream.range(0, 5).forEach(i -> picks.merge(id(pool.pick()), 1, Integer::sum));
        assertThat(picks.getOrDefault("new", 0)).isLessThanOrEqualTo(2);
    }

    @Test
    void aServerThatHasNeverAnsweredHasNoSayInWhatIsUsual() {
        ServerPool pool = pool(10);
        ToLongFunction<String> nanos = id -> 50 * MS;
        for (int i = 0; i < 300; i++) {
            Attempt attempt = pool.pick();
            boolean fails = id(attempt).equals("s0");
            fixture.ticker.advanceNanos(fails ? MS : nanos.applyAsLong(id(attempt)));
            attempt.complete(fails ? Outcome.FAILURE : Outcome.SUCCESS);
            fixture.advance(Duration.ofMillis(300));
        }
        long before = of(pool, "s0").picks();
        Map<String, Integer> picks = new HashMap<>();
        for (int i = 0; i < 900; i++) {
            Attempt attempt = pool.pick();
            boolean fails = id(attempt).equals("s0");
            picks.merge(id(attempt), 1, Integer::sum);
            fixture.ticker.advanceNanos(fails ? MS : nanos.applyAsLong(id(attempt)));
            attempt.complete(fails ? Outcome.FAILURE : Outcome.SUCCESS);
            fixture.advance(Duration.ofMillis(300));
        }

        // 315 s: it is looked at every five seconds, and the others share the rest evenly.
        assertThat(of(pool, "s0").picks() - before).isBetween(20L, 70L);
        picks.remove("s0");
        assertThat(picks.values()).allSatisfy(count -> assertThat(count).isBetween(70, 120));
    }

    @Test
    void newClientsBeginWithServersOfTheirOwn() {
        int[] first = new int[200];
        for (int seed = 0; seed < 1000; seed++) {
            try (ServerPool pool = ServerPool.builder("orders")
                    .seed(seed * 0x9e3779b97f4a7c15L)
                    .ticker(fixture.ticker)
                    .scheduler(fixture.scheduler)
                    .servers(servers(200))
                    .build()) {
                first[Integer.parseInt(id(pool.pick()).substring(1))]++;
            }
        }

        assertThat(IntStream.of(first).max().orElseThrow()).isLessThan(20);
    }

    @Test
    void aWeightOfThreeIsThreeTimesTheRequestsIdleOrBusy() {
        ServerPool pool = fixture.builder()
                .balancer(Balancer.adaptive())
                .healthMonitors()
                .servers(server("heavy").withWeight(3), server("light"))
                .build();

        Map<String, Integer> idle = oneByOne(pool, 400, Duration.ofMillis(90), id -> 10 * MS);
        assertThat(idle.get("heavy")).isBetween(270, 330);

        Attempt[] open = IntStream.range(0, 400).mapToObj(i -> pool.pick()).toArray(Attempt[]::new);
        assertThat(of(pool, "heavy").inFlight()).isBetween(280, 320);
        for (Attempt attempt : open) {
            attempt.complete(Outcome.SUCCESS);
        }
    }
}
