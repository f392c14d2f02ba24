package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which server a pick looks at again, and what becomes of those that are a little slow and were silent for long. */
class SecondLooksTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long JOINED = 100 * MS;

    /** Says that this pick is not one of those that look by chance. */
    private static final long NO_CHANCE = 0xffff_ffffL;

    private static final long CHANCE = 0;

    private final PoolState pool =
            new PoolState(ServerPool.builder("looks").ticker(() -> JOINED).scheduler(new Never()));
    private final ServerState[] servers = {server(10), server(10), server(20), server(300)};
    private final SecondLooks looks = new SecondLooks(servers, null);

    private ServerState server(int answersInMillis) {
        ServerState server = new ServerState(pool, Server.of("h", 1));
        long start = JOINED - answersInMillis * MS;
        server.begin(start);
        server.end(start, -1, Outcome.SUCCESS, false);
        return server;
    }

    @Test
    void thePickThatIsOverdueLooksAtWhoIsShunnedAndForgivesWhoIsALittleSlow() {
        long overdue = servers[0].lastPick() + TimeUnit.SECONDS.toNanos(5);

        assertThat(looks.due(NO_CHANCE, overdue - 1)).isNull();
        assertThat(looks.due(NO_CHANCE, overdue)).isSameAs(servers[3]);
        // Halfway, in proportion, to the mean of the three that are not shunned.
        assertThat(servers[2].lastTypicalNanos()).isCloseTo(Math.sqrt(20 * 40 / 3.0) * MS, withinPercentage(0.1));
        assertThat(servers[3].lastTypicalNanos()).isCloseTo(300 * MS, withinPercentage(0.1));
        assertThat(looks.due(NO_CHANCE, overdue + 1)).as("the next is planned").isNull();
    }

    @Test
    void aPickThatLooksByChanceForgivesNobody() {
        long early = servers[0].lastPick() + TimeUnit.SECONDS.toNanos(4);

        assertThat(looks.due(CHANCE, early)).isSameAs(servers[3]);
        assertThat(servers[2].lastTypicalNanos()).isCloseTo(20 * MS, withinPercentage(0.1));
    }

    @Test
    void whoeverLooksInVainWhenItIsOverdueLooksAgainAfterHalfASecond() {
        long overdue = servers[0].lastPick() + TimeUnit.SECONDS.toNanos(5);
        servers[3].begin(JOINED);
        assertThat(looks.due(NO_CHANCE, overdue)).isNull();
        servers[3].endWaiting(JOINED);

        assertThat(looks.due(NO_CHANCE, overdue + 499 * MS)).isNull();
        assertThat(looks.due(NO_CHANCE, overdue + 500 * MS)).isSameAs(servers[3]);
    }

    @Test
    void whoeverLooksInVainByChanceChangesNoPlan() {
        long planned = servers[0].lastPick() + TimeUnit.SECONDS.toNanos(5);
        servers[3].begin(JOINED);
        assertThat(looks.due(CHANCE, planned - 700 * MS)).isNull();
        servers[3].endWaiting(JOINED);

        assertThat(looks.due(NO_CHANCE, planned - 1)).isNull();
        assertThat(looks.due(NO_CHANCE, planned)).isSameAs(servers[3]);
    }

    @Test
    void whoAnsweredWithinTwoSecondsOrHasARequestIsLeftAlone() {
        assertThat(looks.due(CHANCE, JOINED + TimeUnit.SECONDS.toNanos(2))).isNull();

        servers[3].begin(JOINED);
        assertThat(looks.due(CHANCE, JOINED + TimeUnit.SECONDS.toNanos(4))).isNull();
    }
}
