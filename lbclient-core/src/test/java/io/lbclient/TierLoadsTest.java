package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables that Envoy publishes for its priority load balancing, with factor 1.4 and panic threshold 50 %. */
class TierLoadsTest {
    private static int[] numbers(String text) {
        return Arrays.stream(text.trim().split(" +"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static String panicking(TierLoads loads) {
        StringBuilder text = new StringBuilder();
        for (boolean panic : loads.panic) {
            text.append(panic ? 'P' : '-');
        }
        return text.toString();
    }

    @ParameterizedTest(name = "of {0} servers {1} healthy: load {2}, panic {3}")
    @CsvSource({
        "100 100, 100 100, 100 0, --",
        "100 100, 72 100, 100 0, --",
        "100 100, 71 100, 99 1, --",
        "100 100, 50 100, 70 30, --",
        "100 100, 25 100, 35 65, --",
        "100 100, 0 100, 0 100, --",
        "100 100, 72 72, 100 0, --",
        "100 100, 71 71, 99 1, --",
        "100 100, 50 50, 70 30, --",
        "100 100, 50 60, 70 30, --",
        "100 100, 25 25, 50 50, PP",
        "100 100, 5 65, 8 92, P-",
        "100 100 100, 25 25 100, 35 35 30, ---",
        "4 4, 2 2, 70 30, --",
        "2 2 2, 1 1 1, 70 30 0, ---",
        "4 2, 1 2, 35 65, --",
        "4 4, 1 1, 50 50, PP",
        "4 4 4, 1 1 1, 35 35 30, ---",
        "5 5 5, 1 1 1, 34 33 33, PPP",
        "5 5 5, 0 0 4, 0 0 100, ---",
        "5 5 5, 0 0 2, 34 33 33, PPP",
        "5 3 2, 0 0 0, 50 30 20, PPP",
        "5 6 3, 0 2 1, 37 42 21, PPP",
        "0 6 3, 0 0 0, 0 67 33, -PP",
        "3 3 3, 0 0 0, 34 33 33, PPP",
        "4 6, 0 0, 40 60, PP",
        "2 8, 0 0, 20 80, PP",
    })
    void theLoadIsSpreadAsInEnvoysTables(String total, String healthy, String load, String panic) {
        TierLoads loads = TierLoads.of(numbers(total), numbers(healthy), 140, 50);

        assertThat(loads.percent).containsExactly(numbers(load));
        assertThat(panicking(loads)).isEqualTo(panic);
    }

    @Test
    void withoutAPanicThresholdWhatRoundingLeavesGoesToTheFirstTier() {
        TierLoads loads = TierLoads.of(numbers("100 100 100"), numbers("25 25 20"), 140, 0);

        assertThat(loads.percent).containsExactly(37, 35, 28);
        assertThat(panicking(loads)).isEqualTo("---");
    }

    @Test
    void withoutAPanicThresholdATierPanicsOnlyWhenNothingIsHealthyAnywhere() {
        assertThat(panicking(TierLoads.of(numbers("4 4"), numbers("0 1"), 140, 0)))
                .isEqualTo("--");
        assertThat(panicking(TierLoads.of(numbers("4 4"), numbers("0 0"), 140, 0)))
                .isEqualTo("PP");
    }

    @Test
    void theLoadAlwaysAddsUpToAHundredWhileThereIsAServer() {
        for (int factor : new int[] {100, 140, 200}) {
            for (int threshold : new int[] {0, 50, 100}) {
                for (int a = 0; a <= 7; a++) {
                    for (int b = 0; b <= 5; b++) {
                        for (int c = 0; c <= 3; c++) {
                            TierLoads loads = TierLoads.of(new int[] {7, 5, 3}, new int[] {a, b, c}, factor, threshold);
                            assertThat(Arrays.stream(loads.percent).sum())
                                    .as("%d %d %d at %d, %d", a, b, c, factor, threshold)
                                    .isEqualTo(100);
                        }
                    }
                }
            }
        }
    }
}
