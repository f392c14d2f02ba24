package io.lbclient.examples.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Two Redis servers behind one name, through Jedis' socket factory. */
@Timeout(120)
class RedisTest {
    private static final int PATIENCE_MILLIS = 30_000;

    private LocalRedis redis;
    private BalancedSocketFactory sockets;

    @BeforeEach
    void start() throws IOException {
        redis = new LocalRedis();
        sockets = BalancedSocketFactory.of(redis.pool);
    }

    @AfterEach
    void stop() throws IOException {
        sockets.close();
        redis.close();
    }

    /** Jedis has an interface of its own for this, with one method. */
    private Jedis connect() {
        JedisSocketFactory factory = () -> {
            Socket socket = sockets.createSocket();
            try {
                socket.connect(InetSocketAddress.createUnresolved("sessions", 6379), PATIENCE_MILLIS);
                return socket;
            } catch (IOException e) {
                throw new JedisConnectionException(e);
            }
        };
        return new Jedis(
                factory,
                DefaultJedisClientConfig.builder()
                        .socketTimeoutMillis(PATIENCE_MILLIS)
                        .build());
    }

    private static int port(Jedis jedis) {
        return LocalRedis.portIn(jedis.info("server"));
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
        assertThat(redis.pool.snapshot().servers())
                .extracting(ServerSnapshot::inFlight)
                .containsExactly(4, 4);

        int dead = redis.port(0);
        redis.stop(0);
        for (int i = 0; i < 4; i++) {
            try (Jedis jedis = connect()) {
                assertThat(port(jedis)).isNotEqualTo(dead);
            }
        }
        redis.restart(0);
        Waiting.until("it is back in use", () -> {
            try (Jedis jedis = connect()) {
                return port(jedis) == dead;
            }
        });

        clients.forEach(Jedis::close);
        assertThat(redis.pool.snapshot().servers())
                .extracting(ServerSnapshot::inFlight)
                .containsExactly(0, 0);
    }
}
