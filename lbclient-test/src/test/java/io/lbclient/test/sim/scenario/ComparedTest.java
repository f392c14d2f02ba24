package io.lbclient.test.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.test.sim.Figures;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ComparedTest {
    /** The errors of a strategy, one figure for each seed. */
    private static Compared compared(String strategy, long... errors) {
        List<Figures> runs = LongStream.of(errors)
                .mapToObj(count -> new Figures(100, count, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0))
                .toList();
        return new Compared(Scenarios.named("low-traffic"), Strategies.named(strategy), runs);
    }

    @Test
    void whatItCostsNotToBeTheBestIsThatOfTheWorstSeed() {
        Compared best = compared("random", 2, 2, 4);
        Compared other = compared("adaptive", 2, 6, 4);
        List<Compared> all = List.of(best, other);

        assertThat(other.overBest(Figures::errors, all)).isEqualTo(3);
        assertThat(best.overBest(Figures::errors, all)).isEqualTo(1);
        assertThat(other.mean(Figures::errors)).isEqualTo(4);
        assertThat(other.most(Figures::errors)).isEqualTo(6);
    }

    @Test
    void whoHasErrorsWhereAnotherHasNoneIsInfinitelyWorse() {
        Compared best = compared("random", 0);
        Compared other = compared("adaptive", 1);

        assertThat(other.overBest(Figures::errors, List.of(best, other))).isInfinite();
        assertThat(best.overBest(Figures::errors, List.of(best, other))).isEqualTo(1);
    }

    @Test
    void whatNobodyCanKnowOrIsForAnotherPurposeIsNoMeasure() {
        Compared own = compared("random", 5);

        for (String apart : List.of("omniscient", "ringHash", "adaptive+reports")) {
            assertThat(own.overBest(Figures::errors, List.of(own, compared(apart, 1))))
                    .as(apart)
                    .isEqualTo(1);
        }
    }

    @Test
    void withoutRunsThereIsNothingToCompare() {
        assertThatThrownBy(() -> compared("random")).hasMessage("runs: 0 (expected: at least 1)");
    }
}
