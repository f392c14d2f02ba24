package io.lbclient.balancer;

import io.lbclient.Server;

/** Under which name a server is placed. */
enum ServerName {
    /** {@code host:port}, IPv6 in brackets: what Envoy, gRPC, nginx and the ketama clients use. */
    ADDRESS {
        @Override
        String of(Server server) {
            String host = server.host();
            return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + server.port();
        }
    },
    /** {@link Server#id()}. */
    ID {
        @Override
        String of(Server server) {
            return server.id();
        }
    };

    abstract String of(Server server);
}
