/**
 * Balances the calls of a gRPC channel over the servers of a {@link io.lbclient.ServerPool}: a name resolver and a
 * load-balancing policy, which are given to any channel builder by {@link io.lbclient.grpc.GrpcLoadBalancing}.
 */
@NullMarked
package io.lbclient.grpc;

import org.jspecify.annotations.NullMarked;
