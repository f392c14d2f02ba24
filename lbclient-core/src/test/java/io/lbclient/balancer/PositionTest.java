package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PositionTest {
    /** The threads also race for the draw of the start, which must be one for all of them. */
    @Test
    void noTurnIsTakenTwiceOrLeftOut() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (Lab lab = Lab.equal(1).random(() -> ThreadLocalRandom.current().nextLong())) {
            for (int round = 0; round < 200; round++) {
                Position position = new Position();
                CountDownLatch go = new CountDownLatch(1);
                List<Future<List<Integer>>> all = new ArrayList<>();
                for (int t = 0; t < 8; t++) {
                    all.add(threads.submit(() -> {
                        List<Integer> turns = new ArrayList<>();
                        go.await();
                        for (int i = 0; i < 50; i++) {
                            turns.add(position.next(lab));
                        }
                        return turns;
                    }));
                }
                go.countDown();
                Set<Integer> turns = new HashSet<>();
                for (Future<List<Integer>> one : all) {
                    turns.addAll(one.get(1, TimeUnit.MINUTES));
                }
                assertThat(turns).hasSize(400);
                int end = position.upcoming();
                for (int i = 1; i <= 400; i++) {
                    assertThat(turns).contains(end - i);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** A start that was always odd would make every fresh client of two servers begin with the second. */
    @Test
    void theStartMayBeAnyNumber() {
        Set<Integer> remainders = new HashSet<>();
        try (Lab lab = Lab.equal(1)) {
            for (int i = 0; i < 200; i++) {
                remainders.add(Integer.remainderUnsigned(new Position().next(lab), 8));
            }
            assertThat(remainders).hasSize(8);
            Position zero = new Position();
            lab.random(() -> 0);
            assertThat(zero.next(lab)).isZero();
            lab.random(() -> -1);
            assertThat(zero.next(lab)).isEqualTo(1);
        }
    }
}
