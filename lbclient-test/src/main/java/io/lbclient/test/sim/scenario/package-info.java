/** The scenarios that strategies are compared in; {@link io.lbclient.test.sim.scenario.Scenarios} is the door. */
@NullMarked
package io.lbclient.test.sim.scenario;

import org.jspecify.annotations.NullMarked;
