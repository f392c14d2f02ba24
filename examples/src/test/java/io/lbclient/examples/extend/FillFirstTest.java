package io.lbclient.examples.extend;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import org.junit.jupiter.api.Test;

class FillFirstTest {
    private final ServerPool pool = ServerPool.builder("orders")
            .servers(Server.of("b", 80), Server.of("a", 80))
            .balancer(new FillFirst(2))
            .build();

    @Test
    void aServerIsFilledBeforeTheNextIsTouched() {
        Attempt first = pool.pick();
        Attempt second = pool.pick();
        Attempt third = pool.pick();

        assertThat(first.server().host()).isEqualTo("a");
        assertThat(second.server().host()).isEqualTo("a");
        assertThat(third.server().host()).isEqualTo("b");
    }

    @Test
    void aServerThatHasRoomAgainIsFilledFirst() {
        Attempt first = pool.pick();
        pool.pick();
        pool.pick();

        first.complete(Outcome.SUCCESS);

        assertThat(pool.pick().server().host()).isEqualTo("a");
    }

    @Test
    void whenAllAreFullTheIdlestIsPicked() {
        Attempt first = pool.pick();
        for (int i = 0; i < 4; i++) {
            pool.pick();
        }

        first.complete(Outcome.SUCCESS);
        first.complete(Outcome.SUCCESS);

        assertThat(pool.pick().server().host()).isEqualTo("a");
        assertThat(pool.pick().server().host()).isEqualTo("b");
    }

    @Test
    void anotherAttemptGoesToAnotherServer() {
        assertThat(pool.pick().another().server().host()).isEqualTo("b");
    }
}
