/**
 * The path of a request: a {@link io.lbclient.ServerPool} holds the servers of one service, {@link
 * io.lbclient.ServerPool#pick()} chooses one of them, and the {@link io.lbclient.Attempt} it returns is told how the
 * request went.
 *
 * <p>A {@link io.lbclient.Balancer} is a strategy, a {@link io.lbclient.HealthMonitor} decides which servers may be
 * picked, a {@link io.lbclient.ServerDiscovery} says which servers there are, and a {@link io.lbclient.PoolListener}
 * is told what changes. Parameters and results are never null unless they are marked {@code @Nullable}.
 */
@NullMarked
package io.lbclient;

import org.jspecify.annotations.NullMarked;
