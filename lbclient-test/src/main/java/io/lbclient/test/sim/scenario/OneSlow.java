package io.lbclient.test.sim.scenario;

import io.lbclient.test.sim.Fault;
import io.lbclient.test.sim.Scenario;

/** One of ten servers is ten times slower for 30 seconds. */
final class OneSlow {
    private OneSlow() {}

    static Scenario scenario() {
        return OneBad.scenario("one-slow", Fault.slow(10));
    }
}
