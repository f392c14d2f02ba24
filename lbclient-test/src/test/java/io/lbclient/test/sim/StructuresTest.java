package io.lbclient.test.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The engine's own structures, each beside one of the JDK's that does the same. */
class StructuresTest {
    private final Random random = new Random(3);

    @Test
    void timersAlwaysNameTheEarliestSourceAndOfEqualOnesTheFirst() {
        int sources = 37;
        Timers timers = new Timers(sources);
        long[] times = new long[sources];
        java.util.Arrays.fill(times, Timers.NEVER);
        for (int step = 0; step < 20_000; step++) {
            int source = random.nextInt(sources);
            times[source] = random.nextInt(5) == 0 ? Timers.NEVER : random.nextInt(50);
            timers.set(source, times[source]);

            int first = 0;
            for (int i = 1; i < sources; i++) {
                first = times[i] < times[first] ? i : first;
            }
            assertThat(timers.nextTime()).isEqualTo(times[first]);
            assertThat(timers.next()).isEqualTo(first);
        }
    }

    @Test
    void theAgendaKeepsTheOrderOfTimesAndThenOfCalls() {
        record Planned(long time, int number) {}
        Agenda agenda = new Agenda();
        PriorityQueue<Planned> expected =
                new PriorityQueue<>(Comparator.comparingLong(Planned::time).thenComparingInt(Planned::number));
        List<Integer> ran = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            int number = step;
            if (random.nextInt(3) > 0 || expected.isEmpty()) {
                long time = random.nextInt(100);
                agenda.add(time, now -> ran.add(number));
                expected.add(new Planned(time, number));
            } else {
                Planned next = expected.remove();
                assertThat(agenda.nextTime()).isEqualTo(next.time());
                agenda.poll().run(next.time());
                assertThat(ran.get(ran.size() - 1)).isEqualTo(next.number());
            }
        }
    }

    @Test
    void aCacheDropsTheKeyThatWasUsedLongestAgo() {
        KeyCache cache = new KeyCache(2);

        assertThat(cache.use(1)).isFalse();
        assertThat(cache.use(2)).isFalse();
        assertThat(cache.use(1)).isTrue();
        assertThat(cache.use(3)).as("2 is dropped for it").isFalse();
        assertThat(cache.use(1)).isTrue();
        assertThat(cache.use(2)).isFalse();

        cache.clear();
        assertThat(cache.use(2)).isFalse();
    }

    @Test
    void aQuantileIsTheLeastThatSoManyAreNotAbove() {
        long[] millis = {1_000_000, 2_000_000, 3_000_000, 4_000_000, 9_000_000};

        assertThat(Recorder.quantile(millis, 4, 0.5)).isEqualTo(2);
        assertThat(Recorder.quantile(millis, 5, 0.5)).isEqualTo(3);
        assertThat(Recorder.quantile(millis, 5, 0.8)).isEqualTo(4);
        assertThat(Recorder.quantile(millis, 5, 0.99)).isEqualTo(9);
        assertThat(Recorder.quantile(millis, 0, 0.5)).isNaN();
    }

    @Test
    void zipfDrawsKeysInTheirProportions() {
        Zipf zipf = new Zipf(100, 1);
        Stream draws = new Stream(1);
        TreeMap<Integer, Integer> counts = new TreeMap<>();
        for (int i = 0; i < 500_000; i++) {
            counts.merge(zipf.draw(draws), 1, Integer::sum);
        }

        assertThat(counts.firstKey()).isZero();
        assertThat(counts.lastKey()).isEqualTo(99);
        assertThat((double) counts.get(0) / counts.get(9)).isBetween(9.5, 10.5);
    }

    @Test
    void aRateHasArrivedAfterTheTimeInWhichItAddsUpToOne() {
        java.time.Duration second = java.time.Duration.ofSeconds(1);
        Rate steps = Rate.of(10).then(second, 1).then(second.multipliedBy(2), 100);
        Rate bursts = Rate.of(1).withBursts(second.multipliedBy(10), second, 5);

        assertThat(steps.after(0, 5, 1)).isEqualTo(500_000_000L);
        assertThat(steps.after(0, 10.5, 1)).isEqualTo(1_500_000_000L);
        assertThat(steps.after(0, 61, 1)).isEqualTo(2_500_000_000L);
        assertThat(steps.after(0, 5, 0.5)).isEqualTo(1_000_000_000L);
        assertThat(bursts.after(0, 9, 1)).isEqualTo(9_000_000_000L);
        assertThat(bursts.after(0, 14, 1)).isEqualTo(10_000_000_000L);
        assertThat(bursts.after(0, 14 * 7 + 9 + 2.5, 1)).isEqualTo(79_500_000_000L);
    }
}
