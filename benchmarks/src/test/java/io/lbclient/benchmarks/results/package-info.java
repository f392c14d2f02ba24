@NullMarked
package io.lbclient.benchmarks.results;

import org.jspecify.annotations.NullMarked;
