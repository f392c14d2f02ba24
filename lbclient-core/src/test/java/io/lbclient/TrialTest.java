package io.lbclient;

import static io.lbclient.PoolFixture.id;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrialTest {
    private final PoolFixture fixture = new PoolFixture();
    private final JudgedPool judge = new JudgedPool();
    private final ServerPool pool = fixture.builder()
            .healthMonitors(judge)
            .servers(servers("a", "b", "c"))
            .build();

    private List<String> picks(int count) {
        return IntStream.range(0, count).mapToObj(i -> id(pool.pick())).toList();
    }

    private void eject(String id) {
        judge.raise(id, HealthCause.OUTLIER);
        fixture.settle();
    }

    @Test
    void anOfferSendsOneRequestToAServerThatIsNotPickedOtherwise() {
        eject("c");
        judge.offerTrial("c");
        fixture.settle();

        assertThat(picks(20)).filteredOn("c"::equals).hasSize(1);
        assertThat(id(pool.pick())).isEqualTo("a");
    }

    @Test
    void theEndingOfATrialIsMarkedAndOthersAreNot() {
        Attempt before = pool.pick();
        eject("a");
        judge.offerTrial("a");
        fixture.settle();
        judge.told.clear();
        Attempt trial = pool.pick();
        Attempt after = pool.pick();
        before.complete(Outcome.SUCCESS);
        trial.complete(Outcome.FAILURE);
        after.complete(Outcome.SUCCESS);

        assertThat(judge.told).containsExactly("SUCCESS at a", "trial FAILURE at a", "SUCCESS at b");
    }

    @Test
    void theEndOfAConnectionWhoseTrialSucceededIsNoTrial() {
        eject("a");
        judge.offerTrial("a");
        fixture.settle();
        judge.told.clear();
        Attempt trial = pool.pick();
        trial.established();
        trial.complete(Outcome.FAILURE);

        assertThat(judge.told).containsExactly("trial SUCCESS at a", "FAILURE at a");
    }

    @Test
    void aSecondOfferBeforeTheFirstIsTakenChangesNothing() {
        eject("c");
        judge.offerTrial("c");
        judge.offerTrial("c");
        fixture.settle();

        assertThat(picks(20)).filteredOn("c"::equals).hasSize(1);
    }

    @Test
    void anEligibleServerIsOfferedNothingNowAndNothingLater() {
        judge.offerTrial("c");
        fixture.settle();
        eject("c");

        assertThat(picks(20)).containsOnly("a");
    }

    @Test
    void anOfferLapsesWhenTheServerBecomesEligible() {
        eject("c");
        judge.offerTrial("c");
        judge.clear("c", HealthCause.OUTLIER);
        fixture.settle();
        eject("c");

        assertThat(picks(20)).containsOnly("a");
    }

    @Test
    void aDrainingServerGetsNoTrialUntilItResumes() {
        eject("c");
        judge.offerTrial("c");
        fixture.settle();
        pool.drain("c");
        assertThat(picks(20)).containsOnly("a");

        pool.resume("c");
        assertThat(picks(20)).filteredOn("c"::equals).hasSize(1);
    }

    @Test
    void aRequestIsNotTriedWhereItHasBeen() {
        Attempt attempt = pool.pick();
        eject("a");
        judge.offerTrial("a");
        fixture.settle();

        assertThat(id(attempt.another())).isEqualTo("b");
        assertThat(id(pool.pick())).isEqualTo("a");
    }

    @Test
    void whenNoOtherIsLeftEveryPickOfABadServerIsATrial() {
        eject("a");
        eject("b");
        eject("c");
        judge.told.clear();
        PoolFixture.pickOnce(pool, Outcome.SUCCESS);

        assertThat(judge.told).containsExactly("trial SUCCESS at a");
    }

    @Test
    void exactlyOneOfManyThreadsTakesAnOfferedTrial() {
        eject("c");
        for (int round = 0; round < 500; round++) {
            judge.offerTrial("c");
            fixture.settle();
            List<String> picked = Threads.together(4, i -> () -> {
                String first = id(pool.pick());
                String second = id(pool.pick());
                return first.equals("c") ? first : second;
            });
            assertThat(Collections.frequency(picked, "c")).isEqualTo(1);
        }
        assertThat(PoolFixture.of(pool, "c").picks()).isEqualTo(500);
    }

    @Test
    void aMonitorMayRaiseACauseOnAServerAsItJoins() {
        ServerPool checked = fixture.builder()
                .healthMonitors(PoolFixture.watching((watched, server) -> {
                    watched.raise(server, HealthCause.ACTIVE_CHECK, "not checked yet");
                    return HealthMonitor.OutcomeObserver.NONE;
                }))
                .servers(servers("x"))
                .build();

        assertThat(PoolFixture.of(checked, "x").state()).isEqualTo(HealthState.UNHEALTHY);
        assertThat(PoolFixture.of(checked, "x").detail()).isEqualTo("not checked yet");
        assertThat(fixture.news).endsWith("added x", "raised ACTIVE_CHECK on x");
    }

    @Test
    void monitorsAreToldWhoJoinsBecomesEligibleAndLeaves() {
        eject("b");
        judge.clear("b", HealthCause.OUTLIER);
        fixture.settle();
        pool.remove("a");
        pool.close();
        pool.close();

        assertThat(judge.told)
                .containsExactly(
                        "joined a",
                        "joined b",
                        "joined c",
                        "eligible a",
                        "eligible b",
                        "eligible c",
                        "eligible b",
                        "left a",
                        "closed");
    }

    @Test
    void aMonitorThatThrowsWhenAServerJoinsDoesNotKeepItOut() {
        ServerPool guarded = fixture.builder()
                .healthMonitors(watched -> new HealthMonitor.Watch() {
                    @Override
                    public HealthMonitor.OutcomeObserver joined(Candidate server) {
                        throw new AssertionError("a monitor's mistake");
                    }

                    @Override
                    public void left(Candidate server) {
                        throw new AssertionError("another");
                    }

                    @Override
                    public void close() {
                        throw new AssertionError("and another");
                    }
                })
                .servers(servers("x", "y"))
                .build();

        assertThat(PoolFixture.pickOnce(guarded, Outcome.SUCCESS)).isEqualTo("x");
        assertThat(guarded.remove("x")).isTrue();
        assertThat(PoolFixture.pickOnce(guarded, Outcome.SUCCESS)).isEqualTo("y");
        guarded.close();
    }
}
