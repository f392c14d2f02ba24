package io.lbclient.test.sim.scenario;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The scenarios that strategies are compared in, and those that are about retries. */
public final class Scenarios {
    private static final List<Scenario> ALL = List.of(
            Steady.at(0.7),
            Steady.at(0.9),
            ManyClients.scenario(),
            SlowClients.each(1),
            SlowClients.each(10),
            TwoKinds.scenario(),
            HalfSlow.scenario(),
            HeavyTail.scenario(),
            Bursts.scenario(),
            OneSlow.scenario(),
            Neighbours.scenario(),
            OneBad.with("fail-fast", Fault.failFast(1, Duration.ofMillis(1))),
            OneBad.with("half-failing", Fault.failFast(0.5, Duration.ofMillis(1))),
            OneBad.with("hang", Fault.hang()),
            OneBad.with("fail-late", Fault.failLate(1)),
            RollingRestart.scenario(),
            ScaleOut.scenario(),
            AllFailing.scenario(),
            TwoServers.scenario(),
            LoadRamp.scenario(),
            Affinity.scenario(),
            LowTraffic.scenario(),
            Healing.oneFastClient("fail-fast", Fault.failFast(1, Duration.ofMillis(1))),
            Healing.oneFastClient("slow", Fault.slow(10)),
            Healing.oneFastClient("hang", Fault.hang()),
            Healing.tenSlowClients("fail-fast", Fault.failFast(1, Duration.ofMillis(1))),
            Healing.tenSlowClients("slow", Fault.slow(10)),
            Healing.tenSlowClients("hang", Fault.hang()));

    private static final List<Scenario> RETRIES =
            List.of(Metastability.bounded(), Metastability.unbounded(), TwoServers.withRetry());

    private Scenarios() {}

    /**
     * Returns those that are about retries, with the library's own: what decides there is the budget and the limits of a
     * pool rather than its strategy, so strategies are not compared in them.
     *
     * @return the scenarios
     */
    public static List<Scenario> retries() {
        return RETRIES;
    }

    /**
     * Returns all that strategies are compared in.
     *
     * @return the scenarios, in the order in which they are listed
     */
    public static List<Scenario> all() {
        return ALL;
    }

    /**
     * Returns one of them.
     *
     * @param name its name, with {@code -faults} at the end for the same without its faults
     * @return the scenario
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Scenario named(String name) {
        if (name.endsWith("-faults")) {
            return named(name.substring(0, name.length() - "-faults".length())).withoutFaults();
        }
        return Stream.concat(ALL.stream(), RETRIES.stream())
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "scenario: " + name + " (expected: one of " + ALL + " or " + RETRIES + ")"));
    }
}
