package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Threads;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PositionTest {
    /** The threads also race for the draw of the start, which must be one for all of them. */
    @Test
    void noTurnIsTakenTwiceOrLeftOut() {
        try (Lab lab = Lab.equal(1).random(() -> ThreadLocalRandom.current().nextLong())) {
            for (int round = 0; round < 200; round++) {
                Position position = new Position();
                Set<Integer> turns = new HashSet<>();
                List<List<Integer>> all = Threads.together(8, thread -> () -> {
                    List<Integer> own = new ArrayList<>();
                    for (int i = 0; i < 50; i++) {
                        own.add(position.next(lab));
                    }
                    return own;
                });
                all.forEach(turns::addAll);
                int end = position.upcoming();
                assertThat(turns)
                        .hasSize(400)
                        .containsAll(IntStream.rangeClosed(1, 400)
                                .mapToObj(i -> end - i)
                                .toList());
            }
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
