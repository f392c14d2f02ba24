package io.lbclient.redis;

import dev.failsafe.CircuitBreaker;
import io.lbclient.Ticker;
import io.lbclient.session.AffinityStore;
import io.lbclient.session.BindingTable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers sessions in Redis, so that all instances of an application send a session to the same server.
 *
 * <p>Each look-up and each binding is one asynchronous round trip, and a binding that was seen within the last second is
 * answered from memory. The memory also answers when Redis is slow, down, or was never there: a circuit breaker stops
 * asking it, sessions go on by what this instance knows, and nothing fails or waits. When Redis is back, what is
 * remembered here is offered to it at the next use; of several instances that remember different servers the first one
 * wins, and the others take that over. So a Redis that lost everything fills again, and the instances agree again.
 *
 * <p>In Redis a binding is a key with the id of a server as its value, which expires when it was not used for the store's
 * lifetime. The memory is bounded; what it forgets first is said at {@link BindingTable}. Needs Redis 2.6 or later, or
 * what speaks its protocol and runs scripts. Safe for use by many threads; close it to end its connection and threads.
 *
 * <pre>{@code
 * RedisStore store = RedisStore.builder("redis://10.0.0.9:6379").build();
 * SessionAffinity affinity = SessionAffinity.builder().learnedCookie("JSESSIONID", store).build();
 * }</pre>
 */
public final class RedisStore implements AffinityStore {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);
    /** So many in a row open the circuit breaker. */
    private static final int FAILURES = 3;

    private final BindingTable<Seen> memory;
    private final Ticker ticker;
    private final long freshNanos;
    private final long patienceNanos;
    private final String prefix;
    private final String lifetimeMillis;
    private final CircuitBreaker<Object> breaker;
    private final RedisLink link;

    /** What was seen of a key: who has it, and until when that need not be asked again. */
    private record Seen(String server, long freshUntil) {}

    RedisStore(RedisStoreBuilder settings) {
        ticker = settings.ticker;
        memory = new BindingTable<>(settings.capacity, settings.lifetime, ticker);
        freshNanos = settings.freshFor.toNanos();
        patienceNanos = settings.patience.toNanos();
        prefix = settings.prefix;
        lifetimeMillis = String.valueOf(settings.lifetime.toMillis());
        breaker = CircuitBreaker.builder()
                .withFailureThreshold(FAILURES)
                .withDelay(settings.retryAfter)
                .withSuccessThreshold(1)
                .onOpen(event -> LOG.warn("Redis does not answer: sessions go on by what is remembered here"))
                .onClose(event -> LOG.info("Redis answers again"))
                .build();
        link = new RedisLink(settings);
    }

    /**
     * Begins a store.
     *
     * @param uri where Redis is, such as {@code redis://user:password@host:6379/0}, {@code rediss://} for TLS
     * @return a builder with the defaults
     * @throws IllegalArgumentException if the URI is malformed
     */
    public static RedisStoreBuilder builder(String uri) {
        return new RedisStoreBuilder(uri);
    }

    @Override
    public CompletionStage<@Nullable String> find(String key) {
        Seen seen = memory.get(AffinityStore.checked("key", key));
        if (seen != null && seen.freshUntil - ticker.read() > 0) {
            return CompletableFuture.completedFuture(seen.server);
        }
        String local = seen == null ? null : seen.server;
        // What is remembered here is offered with the question: a Redis that lost it has it again.
        return ask(key, local == null ? "" : local, "", local);
    }

    @Override
    public @Nullable String known(String key) {
        Seen seen = memory.peek(AffinityStore.checked("key", key));
        return seen == null ? null : seen.server;
    }

    @Override
    public CompletionStage<String> bind(String key, String server, @Nullable String insteadOf) {
        AffinityStore.checked("key", key);
        AffinityStore.checked("server", server);
        long stale = ticker.read();
        // Known here at once, whatever Redis does, and asked again until Redis has said who it is.
        Seen local = memory.change(
                key, before -> before == null || before.server.equals(insteadOf) ? new Seen(server, stale) : before);
        return ask(key, local.server, insteadOf == null ? "" : insteadOf, local.server)
                .thenApply(inForce -> inForce == null ? local.server : inForce);
    }

    private CompletionStage<@Nullable String> ask(
            String key, String proposal, String insteadOf, @Nullable String local) {
        if (!link.isUp() || !breaker.tryAcquirePermit()) {
            return CompletableFuture.completedFuture(local);
        }
        CompletableFuture<@Nullable String> answer = new CompletableFuture<>();
        var unused = link.resolve(prefix + key, lifetimeMillis, proposal, insteadOf)
                .whenComplete((inForce, failure) -> {
                    if (failure == null) {
                        breaker.recordSuccess();
                        keep(key, inForce);
                        answer.complete(inForce);
                    } else {
                        breaker.recordException(failure);
                        LOG.debug("Redis failed", failure);
                        answer.complete(local);
                    }
                });
        return local == null ? answer : answer.completeOnTimeout(local, patienceNanos, TimeUnit.NANOSECONDS);
    }

    private void keep(String key, @Nullable String inForce) {
        if (inForce != null && !inForce.isEmpty() && inForce.length() <= MAX_LENGTH) {
            Seen seen = new Seen(inForce, ticker.read() + freshNanos);
            memory.change(key, before -> seen);
        }
    }

    /**
     * Returns whether Redis is asked at present.
     *
     * @return false while there is no connection, or the circuit breaker is open: then memory alone answers
     */
    public boolean isConnected() {
        return link.isUp() && !breaker.isOpen();
    }

    @Override
    public void close() {
        link.close();
    }
}
