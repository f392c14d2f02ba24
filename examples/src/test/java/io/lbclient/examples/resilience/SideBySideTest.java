package io.lbclient.examples.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.examples.shared.Answer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SideBySideTest {
    private final Tally plain = new Tally();
    private final Tally hedged = new Tally();
    private final SideBySide both = new SideBySide(plain, hedged);

    private static void add(Tally tally, int requests, long millis) {
        for (int i = 0; i < requests; i++) {
            tally.add(new Answer(0, TimeUnit.MILLISECONDS.toNanos(millis), "", "", false));
        }
    }

    @Test
    void theTailIsSparedIfOneInAHundredIsSlowAtMost() {
        add(plain, 980, 2);
        add(plain, 20, 1002);
        add(hedged, 990, 2);
        add(hedged, 10, 150);

        assertThat(both.slowMillis()).isEqualTo(100);
        assertThat(both.mostSlow()).isEqualTo(0.01);
        assertThat(both.spares()).isTrue();

        add(hedged, 1, 150);

        assertThat(both.spares()).isFalse();
    }

    @Test
    void aHedgeThatBringsNothingSparesNothing() {
        for (Tally tally : new Tally[] {plain, hedged}) {
            add(tally, 980, 2);
            add(tally, 20, 1002);
        }

        assertThat(both.spares()).isFalse();
    }

    @Test
    void whatTheMachineMadeSlowForBothIsNotHeldAgainstHedging() {
        add(plain, 941, 2);
        add(plain, 39, 400);
        add(plain, 20, 1002);
        add(hedged, 955, 2);
        add(hedged, 45, 400);

        assertThat(both.slowMillis()).isEqualTo(100);
        assertThat(both.mostSlow()).isCloseTo(0.01 + 0.039 / 0.98, within(1e-9));
        assertThat(both.spares()).isTrue();
    }

    @Test
    void onASlowMachineTheTailIsStillToBeSpared() {
        add(plain, 900, 400);
        add(plain, 80, 700);
        add(plain, 20, 1400);
        add(hedged, 900, 400);
        add(hedged, 100, 700);

        assertThat(both.slowMillis()).isEqualTo(500);
        assertThat(both.spares()).isFalse();
        assertThat(both.describe())
                .isEqualTo("10.00 % of the requests took more than 500 ms with hedging (expected: at most 9.16 %)");
    }

    @Test
    void whereOrdinaryRequestsTakeLongAHedgeMayTakeThreeTimesAsLong() {
        add(plain, 980, 50);
        add(plain, 20, 1050);
        add(hedged, 980, 50);
        add(hedged, 20, 130);

        assertThat(both.slowMillis()).isCloseTo(150, within(1.0));
        assertThat(both.spares()).isTrue();
    }

    @Test
    void severalMeasurementsCountAsOne() {
        SideBySide sum = new SideBySide(new Tally(), new Tally());
        add(plain, 1000, 2);
        add(hedged, 995, 2);
        add(hedged, 5, 150);
        sum.include(both);
        assertThat(sum.isFast()).isTrue();
        assertThat(sum.spares()).isTrue();

        add(hedged, 30, 150);
        sum.include(both);

        assertThat(sum.isFast()).isFalse();
        assertThat(sum.spares()).isFalse();
    }
}
