package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbePoolTest {
    private final Lab lab = Lab.equal(10);
    private final ProbePool pool = new ProbePool(4, 1000);

    @AfterEach
    void close() {
        lab.close();
    }

    private Probe add(int server, int rif, long latency, long asOf) {
        Probe probe = new Probe(lab.candidate(server), rif, latency, asOf, 1000);
        pool.add(probe);
        return probe;
    }

    @Test
    void ofColdOnesTheFastestIsBest() {
        add(0, 3, 30, 0);
        Probe best = add(1, 4, 20, 0);
        add(2, 5, 10, 0);
        assertThat(pool.best(4, 0)).isSameAs(best);
    }

    @Test
    void ifAllAreHotTheLeastBusyIsBest() {
        Probe best = add(0, 6, 30, 0);
        add(1, 7, 20, 0);
        assertThat(pool.best(5, 0)).isSameAs(best);
    }

    @Test
    void thresholdsAtTheEndsMeanRequestsOnlyAndLatencyOnly() {
        Probe idle = add(0, 1, 30, 0);
        Probe fast = add(1, 100, 20, 0);
        assertThat(pool.best(-1, 0)).isSameAs(idle);
        assertThat(pool.best(Integer.MAX_VALUE, 0)).isSameAs(fast);
    }

    @Test
    void oneAnswerIsNoChoice() {
        assertThat(pool.best(5, 0)).isNull();
        add(0, 1, 1, 0);
        assertThat(pool.best(5, 0)).isNull();
        add(1, 1, 1, 0);
        assertThat(pool.best(5, 0)).isNotNull();
    }

    @Test
    void answersThatAreTooOldOrUsedUpAreDropped() {
        add(0, 1, 1, 0);
        add(1, 2, 1, 500);
        add(2, 3, 1, 500);
        assertThat(pool.best(5, 1000).server).isSameAs(lab.candidate(0));
        assertThat(pool.best(5, 1001).server).isSameAs(lab.candidate(1));
        assertThat(pool.size()).isEqualTo(2);
        Probe once = new Probe(lab.candidate(3), 0, 1, 600, 1);
        pool.add(once);
        assertThat(pool.best(5, 1001)).isSameAs(once);
        once.use();
        assertThat(once.rif()).isEqualTo(1);
        assertThat(pool.best(5, 1001).server).isSameAs(lab.candidate(1));
    }

    @Test
    void whenThePoolIsFullTheOldestGivesWay() {
        for (int i = 0; i < 5; i++) {
            add(i, i, 1, 10 + i);
        }
        assertThat(pool.size()).isEqualTo(4);
        assertThat(pool.best(5, 10).server).isSameAs(lab.candidate(1));
    }

    @Test
    void aServersNewAnswerTakesThePlaceOfItsFormer() {
        add(0, 1, 1, 0);
        add(1, 2, 1, 0);
        add(0, 9, 1, 5);
        assertThat(pool.size()).isEqualTo(2);
        assertThat(pool.best(10, 5).server).isSameAs(lab.candidate(1));
    }

    @Test
    void theOldestIsRemoved() {
        Probe young = add(0, 1, 1, 30);
        Probe old = add(1, 1, 1, 10);
        pool.removeOldest();
        assertThat(pool.contains(old)).isFalse();
        assertThat(pool.contains(young)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"5, 2", "1, 2", "100, 1"})
    void theWorstIsTheBusiestHotOneOrElseTheSlowest(int threshold, int worst) {
        Probe[] probes = {add(0, 2, 10, 0), add(1, 3, 30, 0), add(2, 9, 20, 0)};
        pool.removeWorst(threshold);
        for (int i = 0; i < 3; i++) {
            assertThat(pool.contains(probes[i])).isEqualTo(i != worst);
        }
    }

    @Test
    void removingFromNothingIsNothing() {
        pool.removeOldest();
        pool.removeWorst(5);
        assertThat(pool.size()).isZero();
    }

    @Test
    void theMedianIsOfLatenciesThatAreKnown() {
        assertThat(pool.medianLatency()).isZero();
        add(0, 1, 30, 0);
        add(1, 1, 10, 0);
        add(2, 1, 20, 0);
        add(3, 1, 0, 0);
        assertThat(pool.medianLatency()).isEqualTo(20);
    }

    @Test
    void theThresholdIsAQuantileOfTheLastAnswers() {
        RifThreshold threshold = new RifThreshold(0.84);
        assertThat(threshold.get()).isEqualTo(Integer.MAX_VALUE);
        for (int i = 1; i <= 100; i++) {
            threshold.add(i);
        }
        assertThat(threshold.get()).isEqualTo(84);
        for (int i = 0; i < 128; i++) {
            threshold.add(7);
        }
        assertThat(threshold.get()).isEqualTo(7);
        for (int i = 0; i < 128; i++) {
            threshold.add(1_000_000);
        }
        assertThat(threshold.get()).isEqualTo(1023);
    }

    @ParameterizedTest
    @CsvSource({"3, 300", "1, 100", "0.25, 25", "1.25, 125", "0.01, 1", "0, 0"})
    void aFractionalRateIsKeptExactly(double rate, int inAHundred) {
        FractionalRate next = new FractionalRate(rate);
        for (int round = 0; round < 5; round++) {
            int sum = 0;
            for (int i = 0; i < 100; i++) {
                int now = next.next();
                assertThat(now).isBetween((int) rate, (int) Math.ceil(rate));
                sum += now;
            }
            assertThat(sum).isBetween(inAHundred - 1, inAHundred + 1);
        }
    }
}
