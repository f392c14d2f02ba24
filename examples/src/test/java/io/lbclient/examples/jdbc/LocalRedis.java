package io.lbclient.examples.jdbc;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.examples.shared.Ports;
import io.lbclient.health.HealthCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import redis.embedded.RedisServer;

/** Two real Redis servers that keep nothing on disk, and a pool over them. */
final class LocalRedis implements AutoCloseable {
    final ServerPool pool;
    private final List<RedisServer> servers = new ArrayList<>();

    LocalRedis() throws IOException {
        servers.add(start(Ports.take()));
        servers.add(start(Ports.take()));
        pool = Databases.alike(
                "sessions", HealthCheck.tcp(), Server.of("127.0.0.1", port(0)), Server.of("127.0.0.1", port(1)));
    }

    private static RedisServer start(int port) throws IOException {
        RedisServer server = RedisServer.newRedisServer()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        server.start();
        return server;
    }

    /** The port of the first server, 0, or the second one, 1. */
    int port(int number) {
        return servers.get(number).ports().get(0);
    }

    void stop(int number) throws IOException {
        servers.get(number).stop();
    }

    void restart(int number) throws IOException {
        servers.set(number, start(port(number)));
    }

    /** The port that a server names in its answer to INFO. */
    static int portIn(String info) {
        return Integer.parseInt(info.lines()
                .filter(line -> line.startsWith("tcp_port:"))
                .findFirst()
                .orElseThrow()
                .substring("tcp_port:".length()));
    }

    @Override
    public void close() throws IOException {
        pool.close();
        for (RedisServer server : servers) {
            server.stop();
        }
    }
}
