package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OperatorTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final PoolFixture fixture = new PoolFixture();
    private final ServerPool pool = fixture.builder()
            .wallClock(() -> NOON)
            .servers(PoolFixture.servers("a", "b"))
            .build();
    private final Operator anna = pool.operator("anna");

    private String picked() {
        try (Attempt attempt = pool.pick()) {
            return id(attempt);
        }
    }

    @Test
    void aDisabledServerGetsNothingAndTheSnapshotSaysWhoDidItAndWhen() {
        anna.disable("a");

        assertThat(picked()).isEqualTo("b");
        ServerSnapshot a = of(pool, "a");
        assertThat(a.state()).isEqualTo(HealthState.DRAINING);
        assertThat(a.detail()).isEqualTo("disable by anna");
        assertThat(a.operator()).isEqualTo(new Operator.Setting(Operator.Action.DISABLE, null, "anna", NOON));
    }

    @Test
    void anEnabledServerIsPickedWhateverTheDetectorsThink() {
        Attempt attempt = pool.pick();
        attempt.complete(Outcome.CONNECT_FAILURE);
        fixture.settle();
        assertThat(picked()).isEqualTo("b");

        anna.enable("a");

        assertThat(picked()).isEqualTo("a");
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
        assertThat(of(pool, "a").causes()).containsExactly(HealthCause.OUTLIER);
    }

    @Test
    void whatWasClearedIsJudgedByTheDetectorsAgain() {
        pool.pick().complete(Outcome.CONNECT_FAILURE);
        anna.enable("a");

        anna.clear("a");

        assertThat(picked()).isEqualTo("b");
        assertThat(of(pool, "a").operator()).isNull();
    }

    @Test
    void theOperatorsWeightCountsInPlaceOfTheConfiguredOne() {
        anna.weight("a", 0);

        assertThat(picked()).isEqualTo("b");
        assertThat(of(pool, "a").weight()).isZero();
        assertThat(of(pool, "a").server().weight()).isEqualTo(1.0);
        assertThat(of(pool, "a").state()).isEqualTo(HealthState.HEALTHY);
    }

    @Test
    void aWeightAndAnActionStandSideBySide() {
        anna.weight("a", 3);
        anna.drain("a");

        Operator.Setting setting = Objects.requireNonNull(of(pool, "a").operator());
        assertThat(setting.weight()).isEqualTo(3.0);
        assertThat(setting.action()).isEqualTo(Operator.Action.DRAIN);
    }

    @Test
    void anotherWeightDoesNotChangeUntilWhenAServerDrains() {
        anna.drain("a", Duration.ofMinutes(10));
        anna.weight("a", 2);

        assertThat(of(pool, "a").until()).isEqualTo(NOON.plus(Duration.ofMinutes(10)));
    }

    @Test
    void twoOperatorsAtOnceBothHaveTheirWay() {
        for (int round = 0; round < 500; round++) {
            anna.clear("a");
            Threads.run(2, i -> () -> {
                if (i == 0) {
                    anna.drain("a");
                } else {
                    pool.operator("ben").weight("a", 3);
                }
            });

            Operator.Setting setting = Objects.requireNonNull(of(pool, "a").operator());
            assertThat(setting.weight()).isEqualTo(3.0);
            assertThat(setting.action()).isEqualTo(Operator.Action.DRAIN);
            assertThat(of(pool, "a").weight()).isEqualTo(3.0);
        }
    }

    @Test
    void anUpdateOfTheListKeepsWhatTheOperatorSet() {
        anna.disable("a");

        pool.update(PoolFixture.servers("a", "b", "c"));

        assertThat(of(pool, "a").state()).isEqualTo(HealthState.DRAINING);
    }

    @Test
    void noDetectorBringsADisabledServerBack() {
        pool.pick().complete(Outcome.CONNECT_FAILURE);
        anna.disable("a");

        fixture.advance(Duration.ofMinutes(10));

        for (int i = 0; i < 100; i++) {
            assertThat(picked()).isEqualTo("b");
        }
    }

    @Test
    void badInputIsRefused() {
        assertThatThrownBy(() -> anna.disable("z")).hasMessageContaining("id: ").hasMessageContaining("orders");
        assertThatThrownBy(() -> anna.weight("a", Double.NaN)).hasMessage("weight: NaN (expected: finite and >= 0)");
        assertThatThrownBy(() -> pool.operator("")).hasMessageContaining("who: ");
    }
}
