package io.lbclient;

import static io.lbclient.PoolFixture.pickOnce;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A change of health that comes at the very moment in which the one before it is being told, by another thread. Whether a
 * rebuild was due used to be read off what was still untold, so such a change never reached the picks.
 */
@Timeout(120)
class FlipRaceTest {
    private static final int FLIPS = 20_000;

    @Test
    @DisplayName("20 000 flips while another thread tells whatever is untold: each of them reaches the picks")
    void noFlipIsLost() throws Exception {
        PoolFixture fixture = new PoolFixture();
        JudgedPool judge = new JudgedPool();
        ServerPool pool = fixture.builder()
                .healthMonitors(judge)
                .servers(servers("a", "b"))
                .build();
        ServerState server = (ServerState) judge.candidate("a");
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> told = CompletableFuture.supplyAsync(() -> {
            int changes = 0;
            while (!over.get()) {
                changes += server.takeNews().size();
            }
            return changes;
        });
        try {
            for (int flip = 0; flip < FLIPS; flip++) {
                judge.raise("a", HealthCause.ACTIVE_CHECK);
                fixture.settle();
                assertThat(pickOnce(pool, Outcome.CANCELLED)).isEqualTo("b");
                judge.clear("a", HealthCause.ACTIVE_CHECK);
                fixture.settle();
                assertThat(pickOnce(pool, Outcome.CANCELLED)).isEqualTo("a");
                judge.told.clear();
            }
        } finally {
            over.set(true);
        }
        assertThat(told.get(60, TimeUnit.SECONDS))
                .as("of them taken by the other thread")
                .isPositive();
        pool.close();
    }
}
