package io.lbclient.examples.jdbc;

import io.lbclient.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import redis.embedded.RedisServer;

/** Real Redis servers that keep nothing on disk. */
final class LocalRedis {
    private LocalRedis() {}

    static RedisServer start(int port) throws IOException {
        RedisServer server = RedisServer.newRedisServer()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        server.start();
        return server;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static Server asServer(RedisServer server) {
        return Server.of("127.0.0.1", server.ports().get(0));
    }
}
