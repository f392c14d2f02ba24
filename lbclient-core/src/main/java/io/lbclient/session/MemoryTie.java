package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.Candidate;
import io.lbclient.MonitoredPool;
import io.lbclient.RequestView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties by the id of a session, which is remembered with its server in a store. */
final class MemoryTie implements Tie {
    private static final Logger LOG = LoggerFactory.getLogger(SessionAffinity.class);

    private final String pool;
    private final MemorySettings settings;
    private final long waitNanos;
    private final KeyDigest digest;
    private final Map<String, Candidate> servers = new ConcurrentHashMap<>();

    MemoryTie(MonitoredPool pool, MemorySettings settings, Duration wait) {
        this.pool = pool.name();
        this.settings = settings;
        this.waitNanos = wait.toNanos();
        this.digest = new KeyDigest(pool.name() + ' ' + settings.name());
    }

    @Override
    public void joined(Candidate server) {
        servers.put(server.server().id(), server);
    }

    @Override
    public void left(Candidate server) {
        servers.remove(server.server().id(), server);
    }

    @Override
    public Hold hold(RequestView request, Affinity.Standing standing) {
        String key = keyOf(request);
        if (key == null) {
            return new MemoryHold(null, null, null);
        }
        Affinity.LookedUp lookedUp = request.attribute(Affinity.LookedUp.class);
        String id = lookedUp instanceof FoundSessions before
                ? before.of(this, key)
                : answerOf(settings.store().find(key).toCompletableFuture(), key);
        Candidate named = id == null ? null : servers.get(id);
        return new MemoryHold(key, id, named != null && standing.keeps(named) ? named : null);
    }

    @Override
    public @Nullable LookUp lookUp(RequestView request) {
        String key = keyOf(request);
        if (key == null) {
            return new LookUp(this, null, () -> null);
        }
        CompletableFuture<@Nullable String> answer = settings.store().find(key).toCompletableFuture();
        return new LookUp(this, key, () -> answerOf(answer, key));
    }

    /** What is known of a key without asking anybody. */
    @Nullable String known(String key) {
        return settings.store().known(key);
    }

    private @Nullable String keyOf(RequestView request) {
        String session = settings.ofRequest().apply(request);
        return session == null || session.isEmpty() ? null : digest.of(session);
    }

    /** What a store says in time: a slow one delays a request by no more than the bound, and a dead one not at all. */
    private @Nullable String answerOf(CompletableFuture<@Nullable String> answer, String key) {
        // What the store knows by itself must not be lost with its answer, or a session would move because a store is
        // slow.
        if (!answer.isDone() && waitNanos == 0) {
            return settings.store().known(key);
        }
        try {
            return answer.get(waitNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("{}: the store of sessions did not answer", pool, e);
            return settings.store().known(key);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return settings.store().known(key);
        }
    }

    private CompletionStage<String> bind(String key, Candidate server, @Nullable String insteadOf) {
        return settings.store().bind(key, server.server().id(), insteadOf);
    }

    private final class MemoryHold implements Hold {
        private final @Nullable String key;
        private final @Nullable Candidate server;
        /** Whom the store names, as far as is known here. */
        private volatile @Nullable String remembered;

        MemoryHold(@Nullable String key, @Nullable String remembered, @Nullable Candidate server) {
            this.key = key;
            this.remembered = remembered;
            this.server = server;
        }

        @Override
        public @Nullable Candidate server() {
            return server;
        }

        @Override
        public boolean bound() {
            return remembered != null;
        }

        /** At once, and not when the answer comes: the session's other requests shall not each pick another server. */
        @Override
        public void picked(Candidate picked) {
            if (key != null && (remembered != null || settings.bindsAtPick())) {
                rebind(key, picked);
            }
        }

        private void rebind(String bound, Candidate to) {
            String before = remembered;
            if (to.server().id().equals(before)) {
                return;
            }
            remembered = to.server().id();
            var unused = bind(bound, to, before);
        }

        @Override
        public void answered(Candidate home, Candidate answering, Affinity.Answer answer, List<Affinity.Token> tokens) {
            String given = settings.ofAnswer().apply(answer);
            String own = given == null || given.isEmpty() ? null : digest.of(given);
            if (own != null && !own.equals(key)) {
                learn(own, answering);
            } else if (key != null && home != server) {
                rebind(key, home);
            }
        }

        /** The server that set the id has the session, whatever was known of the id before. */
        private void learn(String own, Candidate answering) {
            String id = answering.server().id();
            var unused = bind(own, answering, null)
                    .thenCompose(inForce ->
                            inForce.equals(id) ? CompletableFuture.completedFuture(id) : bind(own, answering, inForce));
        }
    }
}
