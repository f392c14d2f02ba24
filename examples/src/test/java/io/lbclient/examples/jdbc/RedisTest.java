package io.lbclient.examples.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.examples.Waiting;
import io.lbclient.net.BalancedSocketFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.embedded.RedisServer;

/** Two Redis servers behind one name, through Jedis' socket factory. */
@Timeout(120)
class RedisTest {
    private final List<RedisServer> servers = new ArrayList<>();
    private ServerPool pool;
    private BalancedSocketFactory sockets;

    @BeforeEach
    void start() throws IOException {
        servers.add(LocalRedis.start(LocalRedis.freePort()));
        servers.add(LocalRedis.start(LocalRedis.freePort()));
        pool = Databases.alike("sessions", LocalRedis.asServer(servers.get(0)), LocalRedis.asServer(servers.get(1)));
        sockets = BalancedSocketFactory.of(pool);
    }

    @AfterEach
    void stop() throws IOException {
        sockets.close();
        pool.close();
        for (RedisServer server : servers) {
            server.stop();
        }
    }

    /** Jedis has an interface of its own for this, with one method. */
    private Jedis connect() {
        JedisSocketFactory factory = () -> {
            Socket socket = sockets.createSocket();
            try {
                socket.connect(InetSocketAddress.createUnresolved("sessions", 6379), 2000);
                return socket;
            } catch (IOException e) {
                throw new JedisConnectionException(e);
            }
        };
        return new Jedis(factory, DefaultJedisClientConfig.builder().build());
    }

    private static int port(Jedis jedis) {
        return Integer.parseInt(jedis.info("server")
                .lines()
                .filter(line -> line.startsWith("tcp_port:"))
                .findFirst()
                .orElseThrow()
                .substring("tcp_port:".length()));
    }

    @Test
    void connectionsAreSpreadAndADeadServerIsPassedOverUntilItIsBack() throws IOException {
        List<Jedis> clients = new ArrayList<>();
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            Jedis jedis = connect();
            clients.add(jedis);
            assertThat(jedis.set("key-" + i, "value")).isEqualTo("OK");
            ports.add(port(jedis));
        }
        assertThat(ports).hasSize(2);
        assertThat(pool.snapshot().servers())
                .extracting(ServerSnapshot::inFlight)
                .containsExactly(4, 4);

        int dead = servers.get(0).ports().get(0);
        servers.get(0).stop();
        for (int i = 0; i < 4; i++) {
            try (Jedis jedis = connect()) {
                assertThat(port(jedis)).isNotEqualTo(dead);
            }
        }
        servers.set(0, LocalRedis.start(dead));
        Waiting.until("it is back in use", () -> {
            try (Jedis jedis = connect()) {
                return port(jedis) == dead;
            }
        });

        clients.forEach(Jedis::close);
        assertThat(pool.snapshot().servers())
                .extracting(ServerSnapshot::inFlight)
                .containsExactly(0, 0);
    }
}
