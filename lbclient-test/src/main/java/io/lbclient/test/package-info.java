/**
 * What users test with: a clock that stands still, a scheduler that runs by it, and servers that fail on demand.
 *
 * <p>The simulator is in {@code io.lbclient.test.sim}.
 */
@NullMarked
package io.lbclient.test;

import org.jspecify.annotations.NullMarked;
