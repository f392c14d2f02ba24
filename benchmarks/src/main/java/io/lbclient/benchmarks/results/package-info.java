/** Writes {@code docs/results}: the table of every scenario and strategy of the simulator, and the plots. */
@NullMarked
package io.lbclient.benchmarks.results;

import org.jspecify.annotations.NullMarked;
