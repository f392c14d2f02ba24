@NullMarked
package io.lbclient.test.sim.scenario;

import org.jspecify.annotations.NullMarked;
