package io.lbclient.test.sim;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.LoadReport;
import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.Prober;
import io.lbclient.test.sim.scenario.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Load reports and probes. */
class WhatServersSayTest {
    /** Each of two servers gets 100 requests per second, of 20 ms each, for ten slots. */
    private static Scenario.Builder busy() {
        return Scenario.builder("busy")
                .servers(2, ServerModel.queueing(10))
                .traffic(
                        Traffic.of(1, Rate.of(200), Work.constant(ofMillis(20))).even())
                .lasts(ofSeconds(10), Duration.ZERO);
    }

    /** Takes turns, and keeps hold of the servers, to be read after the run. */
    private static final class Held implements Balancer {
        private List<? extends Candidate> servers = List.of();

        @Override
        public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
            servers = candidates;
            return Balancers.roundRobin().picker(candidates, previous);
        }

        List<LoadReport> reports() {
            return servers.stream()
                    .map(Candidate::loadReport)
                    .filter(Objects::nonNull)
                    .toList();
        }
    }

    @Test
    void serversReportHowBusyTheyAre() {
        Held held = new Held();

        busy().build().run(Strategy.of("held", held).withReports(), 1);

        assertThat(held.reports()).hasSize(2).allSatisfy(report -> {
            assertThat(report.applicationUtilization()).isCloseTo(0.2, within(0.02));
            assertThat(report.rps()).isCloseTo(100, within(5.0));
            assertThat(report.eps()).isZero();
            assertThat(report.metric("named_metrics.requests_in_flight")).isBetween(0.0, 4.0);
            assertThat(report.metric("named_metrics.latency_seconds")).isCloseTo(0.02, within(1e-6));
        });
    }

    @Test
    void withoutReportsNothingIsSaid() {
        Held held = new Held();

        busy().build().run(Strategy.of("held", held), 1);

        assertThat(held.reports()).isEmpty();
    }

    @Test
    void aServerWhoseMeasuringHasDiedRepeatsItsFirstReport() {
        Held held = new Held();

        busy().build().run(Strategy.of("held", held).withStaleReports(), 1);

        assertThat(held.reports())
                .hasSize(2)
                .allSatisfy(report -> assertThat(report.rps()).isLessThan(2));
    }

    @Test
    void absurdReportsReachThePool() {
        Held held = new Held();

        busy().build().run(Strategy.of("held", held).withAbsurdReports(), 1);

        assertThat(held.reports()).hasSize(2).doesNotHaveDuplicates();
    }

    /** Asks the servers by turns, and notes what they say. */
    private record Asking(List<String> answers) {
        Asking() {
            this(new ArrayList<>());
        }

        Strategy strategy() {
            return Strategy.seeing("asking", (pool, servers) -> {
                Prober prober = servers.prober();
                long[] last = {0};
                pool.healthMonitors().balancer((candidates, previous) -> context -> {
                    Candidate server = candidates.get((int) (last[0]++ % candidates.size()));
                    prober.probe(
                            server, (inFlight, latencyNanos) -> answers.add(server + " " + latencyNanos / 1_000_000));
                    return server;
                });
            });
        }
    }

    @Test
    void aProbeIsAnsweredWithTheLatencyAtTheServer() {
        Asking asking = new Asking();

        busy().build().run(asking.strategy(), 1);

        assertThat(asking.answers).hasSizeGreaterThan(1900);
        assertThat(asking.answers.subList(100, asking.answers.size())).containsOnly("server-0:1 20", "server-1:2 20");
    }

    @Test
    void whoHangsOrRefusesDoesNotAnswerProbesAndWhoFailsDoes() {
        for (Fault silent : new Fault[] {Fault.hang(), Fault.refuse()}) {
            Asking asking = new Asking();

            busy().fault(silent, Duration.ZERO, ofSeconds(10), 0).build().run(asking.strategy(), 1);

            assertThat(asking.answers).as("%s", silent).isNotEmpty().noneMatch(answer -> answer.startsWith("server-0"));
        }
        Asking asking = new Asking();

        busy().fault(Fault.failFast(1, ofMillis(1)), Duration.ZERO, ofSeconds(10), 0)
                .build()
                .run(asking.strategy(), 1);

        assertThat(asking.answers).anyMatch(answer -> answer.startsWith("server-0"));
    }

    @Test
    void theOmniscientBoundIsBetterThanWhatAnyClientCanDo() {
        Scenario crowded = Scenario.builder("crowded")
                .servers(20, ServerModel.queueing(2))
                .traffic(Traffic.of(20, Rate.of(3200), Work.exponential(ofMillis(10))))
                .lasts(ofSeconds(10), ofSeconds(2))
                .build();

        double bound = crowded.run(Strategies.named("omniscient"), 1).p99();

        for (Strategy strategy : Strategies.all()) {
            assertThat(crowded.run(strategy, 1).p99()).as("%s", strategy).isGreaterThanOrEqualTo(bound);
        }
    }
}
