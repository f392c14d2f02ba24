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
            upwards = upwards.raised(cause, "because of " + cause);
        }
        Health downwards = Health.NONE;
        for (HealthCause cause : HealthCause.values()) {
            downwards = downwards.raised(cause, "because of " + cause);
        }
        for (HealthCause cause : HealthCause.values()) {
            downwards = causes.contains(cause) ? downwards : downwards.cleared(cause, "over");
        }

        for (Health health : List.of(upwards, downwards)) {
            assertThat(health.state()).isEqualTo(expected);
            assertThat(health.reasons().keySet()).isEqualTo(causes);
            assertThat(health.eligible()).isEqualTo(expected == HealthState.HEALTHY || expected == HealthState.WARMING);
            assertThat(health.withdrawn()).isEqualTo(expected == HealthState.DRAINING);
            assertThat(health.detail().isEmpty()).isEqualTo(causes.isEmpty());
        }
    }

    @Test
    void theDetailIsTheReasonOfTheCauseThatDecides() {
        Health health = Health.NONE
                .raised(HealthCause.ACTIVE_CHECK, "GET /health: 503")
                .raised(HealthCause.OUTLIER, "5 consecutive failures");

        assertThat(health.detail()).isEqualTo("GET /health: 503");
        assertThat(health.cleared(HealthCause.ACTIVE_CHECK, "GET /health: 200").detail())
                .isEqualTo("5 consecutive failures");
    }

    @Test
    void eachChangeTellsTheStatesItLedFromAndTo() {
        Health health = Health.NONE
                .raised(HealthCause.WARMING, "a")
                .raised(HealthCause.OUTLIER, "b")
                .cleared(HealthCause.WARMING, "c");

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
                .raised(HealthCause.OUTLIER, "bad")
                .raised(HealthCause.BREAKER, "bad")
                .withTrial(true);

        assertThat(ejected.cleared(HealthCause.OUTLIER, "good").trialOffered()).isTrue();
        assertThat(ejected.cleared(HealthCause.OUTLIER, "good")
                        .cleared(HealthCause.BREAKER, "good")
                        .raised(HealthCause.OUTLIER, "bad again")
                        .trialOffered())
                .isFalse();
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
