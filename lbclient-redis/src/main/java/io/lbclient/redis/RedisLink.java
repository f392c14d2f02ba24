package io.lbclient.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection to Redis: made in the background, made again when it is lost, and never waited for. */
final class RedisLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);

    /** How many commands may be under way; more than that fail at once. */
    private static final int MAX_COMMANDS = 10_000;

    /**
     * Reads, offers and replaces in one step: the binding, unless it is the one to be replaced; otherwise what is proposed,
     * if anything is.
     */
    private static final String RESOLVE = """
            local bound = redis.call('GET', KEYS[1])
            if bound and (ARGV[3] == '' or bound ~= ARGV[3]) then
              redis.call('PEXPIRE', KEYS[1], ARGV[1])
              return bound
            end
            if ARGV[2] ~= '' then
              redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
              return ARGV[2]
            end
            return false
            """;

    private final ClientResources resources;
    private final RedisClient client;
    private final RedisURI uri;
    private final Duration retryAfter;
    private volatile @Nullable StatefulRedisConnection<String, String> connection;
    private volatile boolean closed;

    RedisLink(RedisStoreBuilder settings) {
        uri = settings.uri;
        retryAfter = settings.retryAfter;
        // Few threads: what they do is short, and there is one connection.
        resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .reconnectDelay(Delay.constant(settings.retryAfter))
                .build();
        client = RedisClient.create(resources, uri);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(MAX_COMMANDS)
                .timeoutOptions(TimeoutOptions.enabled(settings.timeout))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofSeconds(1))
                        .build())
                .build());
        connect();
    }

    /** The first connection; those after it are Lettuce's. */
    private void connect() {
        var unused = client.connectAsync(StringCodec.UTF8, uri).whenComplete((made, failure) -> {
            if (failure == null) {
                connection = made;
                if (closed) {
                    var ignored = made.closeAsync();
                }
            } else if (!closed) {
                LOG.debug("no connection to Redis", failure);
                var ignored = resources
                        .eventExecutorGroup()
                        .schedule(this::connect, retryAfter.toNanos(), TimeUnit.NANOSECONDS);
            }
        });
    }

    boolean isUp() {
        StatefulRedisConnection<String, String> present = connection;
        return present != null && present.isOpen();
    }

    CompletionStage<@Nullable String> resolve(String key, String lifetimeMillis, String proposal, String insteadOf) {
        StatefulRedisConnection<String, String> present = connection;
        if (present == null) {
            throw new IllegalStateException("not connected");
        }
        return present.async()
                .eval(RESOLVE, ScriptOutputType.VALUE, new String[] {key}, lifetimeMillis, proposal, insteadOf);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        var unused = client.shutdownAsync(0, 1, TimeUnit.SECONDS).whenComplete((done, failure) -> {
            var ignored = resources.shutdown(0, 1, TimeUnit.SECONDS);
        });
    }
}
