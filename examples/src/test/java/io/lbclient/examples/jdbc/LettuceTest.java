package io.lbclient.examples.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.examples.Waiting;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.lettuce.core.resource.SocketAddressResolver;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;

/** Lettuce opens channels of its own: the pool supplies the addresses, and an attempt lasts as long as its channel. */
@Timeout(120)
class LettuceTest {
    private final List<RedisServer> servers = new ArrayList<>();
    private ServerPool pool;
    private ClientResources resources;

    @BeforeEach
    void start() throws IOException {
        servers.add(LocalRedis.start(LocalRedis.freePort()));
        servers.add(LocalRedis.start(LocalRedis.freePort()));
        pool = Databases.alike("sessions", LocalRedis.asServer(servers.get(0)), LocalRedis.asServer(servers.get(1)));
        Picks picks = new Picks(pool);
        resources = ClientResources.builder()
                .socketAddressResolver(picks)
                .nettyCustomizer(picks.customizer())
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        resources.shutdown(0, 5, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS);
        pool.close();
        for (RedisServer server : servers) {
            server.stop();
        }
    }

    /** Each resolution is a pick; the channel that connects to the address takes the attempt over. */
    private static final class Picks extends SocketAddressResolver {
        private final ServerPool pool;
        private final Map<SocketAddress, Queue<Attempt>> picked = new ConcurrentHashMap<>();

        Picks(ServerPool pool) {
            this.pool = pool;
        }

        @Override
        public SocketAddress resolve(RedisURI uri) {
            Attempt attempt = pool.pick();
            SocketAddress address = new InetSocketAddress(
                    attempt.server().host(), attempt.server().port());
            picked.computeIfAbsent(address, a -> new ConcurrentLinkedQueue<>()).add(attempt);
            return address;
        }

        NettyCustomizer customizer() {
            return new NettyCustomizer() {
                @Override
                public void afterChannelInitialized(Channel channel) {
                    channel.pipeline().addFirst(new ChannelDuplexHandler() {
                        @Override
                        public void connect(
                                ChannelHandlerContext context,
                                SocketAddress remote,
                                SocketAddress local,
                                ChannelPromise promise)
                                throws Exception {
                            follow(channel, picked.get(remote).remove(), promise);
                            super.connect(context, remote, local, promise);
                        }
                    });
                }
            };
        }

        private static void follow(Channel channel, Attempt attempt, ChannelPromise connected) {
            connected.addListener(done -> {
                if (done.isSuccess()) {
                    attempt.established();
                } else {
                    attempt.complete(Outcome.CONNECT_FAILURE);
                }
            });
            channel.closeFuture().addListener(closed -> attempt.close());
        }
    }

    private static int port(StatefulRedisConnection<String, String> connection) {
        return Integer.parseInt(connection
                .sync()
                .info("server")
                .lines()
                .filter(line -> line.startsWith("tcp_port:"))
                .findFirst()
                .orElseThrow()
                .substring("tcp_port:".length()));
    }

    @Test
    void connectionsAreSpreadAndThoseOfADeadServerConnectAnewElsewhere() throws IOException {
        RedisClient client = RedisClient.create(resources, RedisURI.create("redis://sessions"));
        List<StatefulRedisConnection<String, String>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            StatefulRedisConnection<String, String> connection = client.connect();
            all.add(connection);
            assertThat(connection.sync().set("key-" + i, "value")).isEqualTo("OK");
        }
        int dead = servers.get(0).ports().get(0);
        int alive = servers.get(1).ports().get(0);
        assertThat(Databases.spread(pool)).isEqualTo(Map.of(dead, 4, alive, 4));

        servers.get(0).stop();
        // Lettuce's own reconnection asks for an address again.
        Waiting.until(
                "all connections are at the survivor",
                () -> Databases.spread(pool).equals(Map.of(dead, 0, alive, 8)));
        for (StatefulRedisConnection<String, String> connection : all) {
            assertThat(port(connection)).isEqualTo(alive);
        }

        client.shutdown();
        Waiting.until("nothing is in flight", () -> Databases.spread(pool).equals(Map.of(dead, 0, alive, 0)));
        servers.set(0, LocalRedis.start(dead));
    }
}
