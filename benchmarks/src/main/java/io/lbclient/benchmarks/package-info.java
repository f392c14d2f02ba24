/** JMH benchmarks of the request path. */
@NullMarked
package io.lbclient.benchmarks;

import org.jspecify.annotations.NullMarked;
