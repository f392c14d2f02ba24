/** The load-balancing algorithms, all found on {@link io.lbclient.balancer.Balancers}. */
@NullMarked
package io.lbclient.balancer;

import org.jspecify.annotations.NullMarked;
