package io.lbclient.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.NameResolver;
import io.lbclient.PoolView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.routing.Destination;

/** Under which names the parts of one channel find each other. */
final class Keys {
    /** What a channel was bound to; read by its resolver and by its policy. */
    static final NameResolver.Args.Key<Binding> BINDING = NameResolver.Args.Key.create("io.lbclient.grpc.binding");

    /** The server that an address is of, on its way from the resolver to the policy. */
    static final Attributes.Key<Server> SERVER = Attributes.Key.create("io.lbclient.grpc.server");

    /** What is kept of one call, from the interceptor to the picks and the tracers of its streams. */
    static final CallOptions.Key<GrpcCall> CALL = CallOptions.Key.create("io.lbclient.grpc.call");

    private Keys() {}

    /** Where a channel leads, and its settings. */
    record Binding(Destination destination, GrpcOptions options) {
        ServerPool pool() {
            return destination.pool();
        }

        boolean includes(Server server) {
            PoolView view = destination.view();
            return view == null || view.includes(server);
        }
    }
}
