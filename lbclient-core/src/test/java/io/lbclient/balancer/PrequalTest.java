package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With probes. The contract is tested with a prober whose answers never come; what answers do is tested below. */
class PrequalTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.prequal((server, reply) -> {});
    }

    /** A pick may take a reading of the generator for each of three probes. */
    @Override
    int mostDraws(int servers) {
        return 5;
    }

    /** A prober that collects its questions. */
    private static final class Questions implements Prober {
        private final List<Candidate> asked = new ArrayList<>();
        private final Map<Candidate, Reply> replies = new HashMap<>();

        @Override
        public void probe(Candidate server, Reply reply) {
            asked.add(server);
            replies.put(server, reply);
        }

        void answer(Lab lab, int server, int rif, long latency) {
            replies.get(lab.candidate(server)).answer(rif, latency);
        }
    }

    private final Questions questions = new Questions();

    private PrequalBuilder settings() {
        return Balancers.prequalBuilder().prober(questions);
    }

    /** A picker that has asked everybody once, and removes nothing by itself. */
    private Balancer.Picker asked(Lab lab, PrequalBuilder settings) {
        Balancer.Picker picker = lab.picker(settings.probeRate(32).removeRate(0).build());
        picker.pick(lab);
        assertThat(questions.replies).hasSize(lab.candidates().size());
        return picker;
    }

    /** The paper's formula. */
    @ParameterizedTest
    @CsvSource({
        "100, 3, 1.3158",
        "100, 4, 1",
        "100, 2, 2.9412",
        "1000, 3, 1.0246",
        "20, 3, Infinity",
        "16, 3, Infinity",
        "1, 3, Infinity",
    })
    void theBudgetOfAnAnswer(int servers, double probeRate, double budget) {
        Prequal prequal = (Prequal) settings().probeRate(probeRate).build();
        assertThat(prequal.reuse(servers)).isCloseTo(budget, within(0.0001));
    }

    @Test
    void threeDistinctServersAreAskedForEachRequest() {
        try (Lab lab = Lab.equal(20)) {
            Balancer.Picker picker = lab.picker(settings().build());
            int[] counts = new int[20];
            for (int i = 0; i < 2000; i++) {
                questions.asked.clear();
                picker.pick(lab);
                assertThat(new HashSet<>(questions.asked)).hasSize(3).hasSameSizeAs(questions.asked);
                questions.asked.forEach(server -> counts[lab.index(server)]++);
            }
            double[] equal = new double[20];
            Arrays.fill(equal, 1);
            assertThat(ChiSquare.ofCritical(counts, equal)).isLessThan(1);
        }
    }

    @Test
    void aQuarterOfAProbeIsOneForFourRequests() {
        try (Lab lab = Lab.equal(20)) {
            lab.counts(lab.picker(settings().probeRate(0.25).build()), 400);
            assertThat(questions.asked).hasSize(100);
        }
    }

    @Test
    void theOnlyServerIsNotAsked() {
        try (Lab lab = Lab.equal(1)) {
            lab.counts(lab.picker(settings().build()), 10);
            assertThat(questions.asked).isEmpty();
        }
    }

    @Test
    void theFastestOfThoseThatAreNotHotIsPicked() {
        try (Lab lab = Lab.equal(10)) {
            Balancer.Picker picker = asked(lab, settings());
            for (int i = 0; i < 10; i++) {
                questions.answer(lab, i, i, 1000 - i);
            }
            // The threshold is the 84 % quantile of 0 to 9, which is 8, so 9 is hot and 8 the fastest that is not. The
            // request that goes there makes it hot, and so on downwards.
            assertThat(lab.order(picker, 4)).isEqualTo("8 7 7 6");
        }
    }

    /** At 0 only the requests in flight decide, our own included; at 1 only the latency does. */
    @ParameterizedTest
    @CsvSource({"0, 1 1 0 1 0 2", "1, 0 0 0 0 0 0"})
    void theEndsOfTheQuantileAreTheLeastBusyAndTheFastest(double quantile, String order) {
        try (Lab lab = Lab.equal(3)) {
            Balancer.Picker picker = asked(lab, settings().rifQuantile(quantile));
            questions.answer(lab, 0, 2, 10);
            questions.answer(lab, 1, 0, 30);
            questions.answer(lab, 2, 3, 20);
            assertThat(lab.order(picker, 6)).isEqualTo(order);
        }
    }

    @Test
    void anAnswerIsUsedAsOftenAsItsBudgetSays() {
        try (Lab lab = Lab.equal(100)) {
            Balancer.Picker picker =
                    lab.picker(settings().probeRate(5).removeRate(0).build());
            for (int i = 0; i < 100; i++) {
                picker.pick(lab);
            }
            // (1 - 0.16) * 5 - 0 is more than 1 + delta, so each answer is used once.
            List<Candidate> known =
                    questions.asked.stream().distinct().limit(10).toList();
            for (int i = 0; i < known.size(); i++) {
                questions.replies.get(known.get(i)).answer(0, 10 + i);
            }
            for (int i = 0; i < 9; i++) {
                assertThat(picker.pick(lab)).isSameAs(known.get(i));
            }
        }
    }

    @Test
    void removalsTakeTheOldestAndTheWorstByTurns() {
        try (Lab lab = Lab.equal(10)) {
            Balancer.Picker picker = lab.picker(settings()
                    .probeRate(32)
                    .removeRate(1)
                    .delta(0)
                    .rifQuantile(1)
                    .build());
            picker.pick(lab);
            questions.answer(lab, 0, 0, 10);
            lab.advanceMillis(1);
            // The first pick has removed from an empty pool, so the next one removes the worst, then the oldest.
            for (int i = 1; i < 6; i++) {
                questions.replies.get(lab.candidate(i)).answer(0, 10 + i);
            }
            assertThat(lab.order(picker, 1)).isEqualTo("0");
            assertThat(lab.order(picker, 1)).isEqualTo("0");
            assertThat(lab.order(picker, 1)).isEqualTo("1");
        }
    }

    @Test
    void answersAreForgottenAfterASecond() {
        try (Lab lab = Lab.equal(3).seed(4)) {
            Balancer.Picker picker = asked(lab, settings().rifQuantile(1));
            for (int i = 0; i < 3; i++) {
                questions.answer(lab, i, 0, 10 + i);
            }
            lab.advanceMillis(1000);
            assertThat(lab.counts(picker, 100)).containsExactly(100, 0, 0);
            lab.advanceMillis(1);
            assertThat(Arrays.stream(lab.counts(picker, 300)))
                    .allSatisfy(c -> assertThat(c).isBetween(60, 140));
        }
    }

    @Test
    void anAnswerThatComesAfterItsServerHasLeftIsDropped() {
        try (Lab lab = Lab.equal(4)) {
            Balancer balancer = settings().probeRate(32).removeRate(0).build();
            Balancer.Picker picker = lab.picker(balancer);
            picker.pick(lab);
            questions.answer(lab, 3, 0, 1);
            Balancer.Picker next = balancer.picker(lab.candidates().subList(0, 3), picker);
            questions.answer(lab, 3, 0, 1);
            questions.answer(lab, 0, 0, 3);
            questions.answer(lab, 1, 0, 2);
            assertThat(lab.counts(next, 50)[3]).isZero();
        }
    }

    @Test
    void answersSurviveARebuildAlsoThoseThatAreStillUnderWay() {
        try (Lab lab = Lab.equal(4)) {
            Balancer balancer =
                    settings().probeRate(32).removeRate(0).rifQuantile(1).build();
            Balancer.Picker picker = lab.picker(balancer);
            picker.pick(lab);
            questions.answer(lab, 0, 0, 20);
            for (int i = 0; i < 5; i++) {
                picker = balancer.picker(lab.candidates(), picker);
            }
            questions.answer(lab, 1, 0, 10);
            assertThat(lab.counts(picker, 20)).containsExactly(0, 20, 0, 0);
        }
    }

    @Test
    void aServerThatDoesNotKnowItsLatencyIsTakenForTheMedian() {
        try (Lab lab = Lab.equal(4)) {
            Balancer.Picker picker = asked(lab, settings().rifQuantile(1));
            questions.answer(lab, 0, 0, 10);
            questions.answer(lab, 1, 0, 30);
            questions.answer(lab, 2, 0, 40);
            questions.answer(lab, 3, 0, 0);
            assertThat(lab.counts(picker, 20)).containsExactly(20, 0, 0, 0);
        }
    }

    @Test
    void whatIsNoAnswerIsIgnored() {
        try (Lab lab = Lab.equal(2).seed(8)) {
            Balancer.Picker picker = asked(lab, settings().rifQuantile(1));
            questions.answer(lab, 0, -1, 10);
            questions.answer(lab, 1, 1, -10);
            assertThat(Arrays.stream(lab.counts(picker, 100)))
                    .allSatisfy(c -> assertThat(c).isBetween(30, 70));
        }
    }

    @Test
    void aProberThatThrowsCostsNoRequest() {
        Balancer throwing = Balancers.prequal((server, reply) -> {
            throw new AssertionError("a prober's mistake");
        });
        try (Lab lab = Lab.equal(3).seed(2)) {
            assertThat(Arrays.stream(lab.counts(lab.picker(throwing), 300)))
                    .allSatisfy(c -> assertThat(c).isBetween(60, 140));
        }
    }

    /** Finagle's P2CSuite would have it within 1 %; probes that answer at once and truly do as well. */
    @Test
    void withTrueAnswersALoadIsSpreadWithoutABusyServer() {
        try (Lab lab = Lab.equal(50)) {
            Balancer.Picker picker =
                    lab.picker(Balancers.prequal((server, reply) -> reply.answer(server.inFlight(), 1_000_000)));
            for (int i = 0; i < 20_000; i++) {
                lab.begin(picker.pick(lab));
            }
            assertThat(lab.candidates())
                    .allSatisfy(c -> assertThat(c.inFlight()).isBetween(370, 420));
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRejected() {
        PrequalBuilder builder = Balancers.prequalBuilder();
        assertThatThrownBy(() -> builder.poolSize(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("poolSize: 1 (expected: 2 to 256)");
        assertThatThrownBy(() -> builder.probeRate(0)).hasMessage("probeRate: 0.0 (expected: 0.01 to 32.0)");
        assertThatThrownBy(() -> builder.removeRate(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.delta(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.rifQuantile(1.1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.maxAge(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
