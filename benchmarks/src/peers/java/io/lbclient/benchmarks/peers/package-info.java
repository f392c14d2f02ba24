/** The default strategy side by side with load balancers of other libraries; built with the profile {@code peers}. */
@NullMarked
package io.lbclient.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
