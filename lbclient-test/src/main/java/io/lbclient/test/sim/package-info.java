/**
 * A deterministic simulator: real pools, simulated servers and traffic, one virtual clock, one thread, one seed.
 *
 * <p>A {@link io.lbclient.test.sim.Scenario} describes servers, traffic and faults; {@link
 * io.lbclient.test.sim.Scenario#run} lets a {@link io.lbclient.test.sim.Strategy} balance it and returns the {@link
 * io.lbclient.test.sim.Figures}. The same scenario, strategy and seed give the same figures to the last digit.
 */
@NullMarked
package io.lbclient.test.sim;

import org.jspecify.annotations.NullMarked;
