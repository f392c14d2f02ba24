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

/** Lettuce opens channels of its own: the pool supplies the addresses, and an attempt lasts as long as its channel. */
@Timeout(120)
class LettuceTest {
    private LocalRedis redis;
    private ClientResources resources;

    @BeforeEach
    void start() throws IOException {
        redis = new LocalRedis();
        Picks picks = new Picks(redis.pool);
        resources = ClientResources.builder()
                .socketAddressResolver(picks)
                .nettyCustomizer(picks.customizer())
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        resources.shutdown(0, 5, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS);
        redis.close();
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

    private Map<Integer, Integer> spread() {
        return Databases.spread(redis.pool);
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
        int dead = redis.port(0);
        int alive = redis.port(1);
        assertThat(spread()).isEqualTo(Map.of(dead, 4, alive, 4));

        redis.stop(0);
        // Lettuce's own reconnection asks for an address again.
        Waiting.until("all connections are at the survivor", () -> spread().equals(Map.of(dead, 0, alive, 8)));
        for (StatefulRedisConnection<String, String> connection : all) {
            assertThat(LocalRedis.portIn(connection.sync().info("server"))).isEqualTo(alive);
        }

        client.shutdown();
        Waiting.until("nothing is in flight", () -> spread().equals(Map.of(dead, 0, alive, 0)));
    }
}
