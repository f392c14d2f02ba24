package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HealthTest {
    private static final Object ONE = "one monitor";
    private static final Object ANOTHER = "another";

    private static Raise by(Object owner, String why) {
        return new Raise(owner, why, null);
    }

    static Stream<Set<HealthCause>> allCombinations() {
        return IntStream.range(0, 1 << HealthCause.values().length).mapToObj(bits -> {
            Set<HealthCause> causes = EnumSet.noneOf(HealthCause.class);
            for (HealthCause cause : HealthCause.values()) {
                if ((bits >> cause.ordinal() & 1) == 1) {
                    causes.add(cause);
                }
            }
            return causes;
        });
    }

    @Test
    void thereAre64Combinations() {
        assertThat(allCombinations()).hasSize(64).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("allCombinations")
    void theStateFollowsFromTheCausesWhateverTheOrderInWhichTheyCameAndWent(Set<HealthCause> causes) {
        HealthState expected;
        if (causes.contains(HealthCause.DRAINING) || causes.contains(HealthCause.OPERATOR)) {
            expected = HealthState.DRAINING;
        } else if (causes.contains(HealthCause.ACTIVE_CHECK)) {
            expected = HealthState.UNHEALTHY;
        } else if (causes.contains(HealthCause.OUTLIER) || causes.contains(HealthCause.BREAKER)) {
            expected = HealthState.EJECTED;
        } else if (causes.contains(HealthCause.WARMING)) {
            expected = HealthState.WARMING;
        } else {
            expected = HealthState.HEALTHY;
        }

        Health upwards = Health.NONE;
        for (HealthCause cause : causes) {
            upwards = upwards.raised(cause, by(ONE, "because of " + cause));
        }
        Health downwards = Health.NONE;
        for (HealthCause cause : HealthCause.values()) {
            downwards = downwards.raised(cause, by(ONE, "because of " + cause));
        }
        for (HealthCause cause : HealthCause.values()) {
            downwards = causes.contains(cause) ? downwards : downwards.cleared(cause, ONE, "over");
        }

        for (Health health : List.of(upwards, downwards)) {
            assertThat(health.state()).isEqualTo(expected);
            assertThat(health.causes()).isEqualTo(causes);
            assertThat(health.eligible()).isEqualTo(expected == HealthState.HEALTHY || expected == HealthState.WARMING);
            assertThat(health.withdrawn()).isEqualTo(expected == HealthState.DRAINING);
            assertThat(health.detail().isEmpty()).isEqualTo(causes.isEmpty());
        }
    }

    @Test
    void theDetailIsTheReasonOfTheCauseThatDecides() {
        Health health = Health.NONE
                .raised(HealthCause.ACTIVE_CHECK, by(ONE, "GET /health: 503"))
                .raised(HealthCause.OUTLIER, by(ONE, "5 consecutive failures"));

        assertThat(health.detail()).isEqualTo("GET /health: 503");
        assertThat(health.cleared(HealthCause.ACTIVE_CHECK, ONE, "GET /health: 200")
                        .detail())
                .isEqualTo("5 consecutive failures");
    }

    @Test
    void eachChangeTellsTheStatesItLedFromAndTo() {
        Health health = Health.NONE
                .raised(HealthCause.WARMING, by(ONE, "a"))
                .raised(HealthCause.OUTLIER, by(ONE, "b"))
                .cleared(HealthCause.WARMING, ONE, "c");

        List<String> told = new ArrayList<>();
        for (Health.Change change = health.untold(); change != null; change = change.earlier()) {
            told.add(0, change.why() + ": " + change.from() + " to " + change.to());
        }
        assertThat(told).containsExactly("a: HEALTHY to WARMING", "b: WARMING to EJECTED", "c: EJECTED to EJECTED");
        assertThat(health.told().untold()).isNull();
    }

    @Test
    void anOfferedTrialLapsesWhenTheServerIsEligibleAgain() {
        Health ejected = Health.NONE
                .raised(HealthCause.OUTLIER, by(ONE, "bad"))
                .raised(HealthCause.BREAKER, by(ONE, "bad"))
                .withTrial(true);

        assertThat(ejected.cleared(HealthCause.OUTLIER, ONE, "good").trialOffered())
                .isTrue();
        assertThat(ejected.cleared(HealthCause.OUTLIER, ONE, "good")
                        .cleared(HealthCause.BREAKER, ONE, "good")
                        .raised(HealthCause.OUTLIER, by(ONE, "bad again"))
                        .trialOffered())
                .isFalse();
    }

    @Test
    void aCauseThatTwoRaisedStandsUntilBothHaveClearedItAndIsToldOnce() {
        Health both = Health.NONE
                .raised(HealthCause.OUTLIER, by(ONE, "5 consecutive failures"))
                .raised(HealthCause.OUTLIER, by(ANOTHER, "success rate 40 %"));

        Health half = both.cleared(HealthCause.OUTLIER, ONE, "good");
        assertThat(half.state()).isEqualTo(HealthState.EJECTED);
        assertThat(half.detail()).isEqualTo("success rate 40 %");
        assertThat(half.cleared(HealthCause.OUTLIER, ONE, "good")).isSameAs(half);
        Health none = half.cleared(HealthCause.OUTLIER, ANOTHER, "also good");
        assertThat(none.causes()).isEmpty();
        Health.Change last = none.untold();
        assertThat(last.why()).isEqualTo("also good");
        assertThat(last.earlier().why()).isEqualTo("5 consecutive failures");
        assertThat(last.earlier().earlier()).isNull();
    }

    @Test
    void anotherReasonOfTheSameMonitorIsNewsAndAnotherTimeIsNot() {
        Health ejected = Health.NONE
                .raised(HealthCause.OUTLIER, new Raise(ONE, "bad", 10L))
                .told();

        Health later = ejected.prolonged(HealthCause.OUTLIER, new Raise(ONE, "bad", 20L));
        assertThat(later.until()).isEqualTo(20L);
        assertThat(later.untold()).isNull();
        Health worse = later.prolonged(HealthCause.OUTLIER, new Raise(ONE, "still bad", 30L));
        assertThat(worse.untold().why()).isEqualTo("still bad");
        assertThat(worse.prolonged(HealthCause.OUTLIER, new Raise(ANOTHER, "bad", 40L)))
                .isSameAs(worse);
        assertThat(worse.prolonged(HealthCause.BREAKER, new Raise(ONE, "bad", 40L)))
                .isSameAs(worse);
    }

    @Test
    void theTimeIsTheLatestOfThoseThatDecideAndNoneIfOneOfThemHasNone() {
        Health ejected = Health.NONE
                .raised(HealthCause.WARMING, new Raise(ONE, "new", 99L))
                .raised(HealthCause.OUTLIER, new Raise(ONE, "bad", 10L))
                .raised(HealthCause.BREAKER, new Raise(ANOTHER, "bad", 20L));

        assertThat(ejected.until()).isEqualTo(20L);
        assertThat(ejected.raised(HealthCause.OUTLIER, by(ANOTHER, "bad")).until())
                .isNull();
        assertThat(ejected.raised(HealthCause.ACTIVE_CHECK, by(ONE, "bad")).until())
                .isNull();
        assertThat(Health.NONE.until()).isNull();
    }

    @Test
    void onlyHealthyAndWarmingServersAreEligible() {
        assertThat(Stream.of(HealthState.values()).filter(HealthState::eligible))
                .containsExactly(HealthState.HEALTHY, HealthState.WARMING);
    }

    @Test
    void anOutcomeCountsAgainstTheServerUnlessItWentWellOrSaysNothing() {
        assertThat(Stream.of(Outcome.values()).filter(Outcome::failure))
                .containsExactly(Outcome.FAILURE, Outcome.TIMEOUT, Outcome.OVERLOADED, Outcome.CONNECT_FAILURE);
    }
}
