package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that answers nobody in time, but remembers by itself what it was told. */
class SlowStoreTest {
    private static final class SlowStore implements AffinityStore {
        private final Map<String, String> told = new ConcurrentHashMap<>();
        private final boolean fails;

        SlowStore(boolean fails) {
            this.fails = fails;
        }

        @Override
        public CompletionStage<String> find(String key) {
            return fails
                    ? CompletableFuture.failedFuture(new IllegalStateException("gone"))
                    : new CompletableFuture<>();
        }

        @Override
        public String known(String key) {
            return told.get(key);
        }

        @Override
        public CompletionStage<String> bind(String key, String server, String insteadOf) {
            return CompletableFuture.completedFuture(told.merge(key, server, (before, now) -> before));
        }

        @Override
        public void close() {}
    }

    private static String visit(ServerPool pool) {
        RequestView request = new RequestView() {
            @Override
            public String header(String name) {
                return name.equals("sid") ? "anna" : null;
            }
        };
        try (Attempt attempt = pool.pick(request)) {
            attempt.complete(Outcome.SUCCESS);
            return attempt.server().id();
        }
    }

    private static ServerPool pool(SlowStore store, Duration wait) {
        return ServerPool.builder("shop")
                .servers(Server.of("10.0.0.1", 80), Server.of("10.0.0.2", 80), Server.of("10.0.0.3", 80))
                .balancer(Balancers.roundRobin())
                .affinity(SessionAffinity.builder()
                        .lookupWait(wait)
                        .key("sid", request -> request.header("sid"), store)
                        .build())
                .build();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aSessionStaysWhereTheStoreRemembersItThoughItsAnswerIsLate(int waitMillis) {
        try (ServerPool pool = pool(new SlowStore(false), Duration.ofMillis(waitMillis))) {
            String home = visit(pool);
            for (int i = 0; i < 10; i++) {
                assertThat(visit(pool)).isEqualTo(home);
            }
        }
    }

    @Test
    void aSessionStaysWhereTheStoreRemembersItThoughItsAnswerIsAFailure() {
        try (ServerPool pool = pool(new SlowStore(true), Duration.ofMillis(10))) {
            String home = visit(pool);
            for (int i = 0; i < 10; i++) {
                assertThat(visit(pool)).isEqualTo(home);
            }
        }
    }
}
