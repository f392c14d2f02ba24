package io.lbclient.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two instances of an application and one Redis, each a process, and Redis is killed under their traffic. */
@Timeout(600)
class TwoClientsTest {
    private static final int SESSIONS = 5_000;

    private static List<String> visit(ClientProcess client, int from, int to) {
        try {
            return Arrays.asList(client.order("visit " + from + " " + to).split(" "));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Both at once, each through all sessions, one from the front and one from the middle. */
    private static List<List<String>> visitAtOnce(ClientProcess one, ClientProcess other) throws Exception {
        CompletableFuture<List<String>> first = CompletableFuture.supplyAsync(() -> visit(one, 0, SESSIONS));
        CompletableFuture<List<String>> second = CompletableFuture.supplyAsync(() -> {
            List<String> back = visit(other, SESSIONS / 2, SESSIONS);
            List<String> all = new ArrayList<>(visit(other, 0, SESSIONS / 2));
            all.addAll(back);
            return all;
        });
        return List.of(first.get(120, TimeUnit.SECONDS), second.get(120, TimeUnit.SECONDS));
    }

    /** How often both had to be asked until they agreed on every session. */
    private static int roundsUntilTheyAgree(ClientProcess one, ClientProcess other) throws Exception {
        for (int round = 1; ; round++) {
            List<List<String>> seen = visitAtOnce(one, other);
            if (seen.get(0).equals(seen.get(1))) {
                return round;
            }
            assertThat(round).as("rounds without agreement").isLessThan(200);
        }
    }

    private static void awaitConnected(ClientProcess... clients) throws IOException {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        for (ClientProcess client : clients) {
            while (!client.order("connected").equals("true")) {
                assertThat(System.nanoTime() - patience).as("not connected").isNegative();
                // A breaker closes again by a request that succeeds.
                visit(client, 0, 1);
            }
        }
    }

    @Test
    void twoClientsAgreeOnEverySessionAndAgreeAgainAfterRedisWasKilledUnderTraffic() throws Exception {
        try (RedisProcess redis = new RedisProcess();
                ClientProcess one = new ClientProcess(redis.uri());
                ClientProcess other = new ClientProcess(redis.uri())) {
            awaitConnected(one, other);
            int before = roundsUntilTheyAgree(one, other);
            List<String> agreed = visit(one, 0, SESSIONS);
            assertThat(new HashSet<>(agreed)).hasSize(7);

            // What the first picks of a JVM take says nothing about Redis.
            one.order("slowest");
            other.order("slowest");
            CompletableFuture<List<List<String>>> traffic = CompletableFuture.supplyAsync(() ->
                    Stream.generate(() -> visit(one, 0, SESSIONS)).limit(5).toList());
            redis.kill();
            List<List<String>> during = traffic.get(120, TimeUnit.SECONDS);
            // Redis is gone, and local memory knows where each session is.
            assertThat(during).allSatisfy(seen -> assertThat(seen).isEqualTo(agreed));
            assertThat(visit(other, 0, SESSIONS)).isEqualTo(agreed);
            // Sessions that begin while it is gone are bound by each client for itself.
            List<String> apart = visit(one, SESSIONS, SESSIONS + 200);
            assertThat(visit(other, SESSIONS, SESSIONS + 200)).isNotEqualTo(apart);

            redis.start();
            awaitConnected(one, other);
            int after = roundsUntilTheyAgree(one, other);
            assertThat(visit(one, 0, SESSIONS)).isEqualTo(agreed);
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!visit(one, SESSIONS, SESSIONS + 200).equals(visit(other, SESSIONS, SESSIONS + 200))) {
                assertThat(System.nanoTime() - patience)
                        .as("the sessions that began while Redis was gone are not agreed on")
                        .isNegative();
            }
            System.out.printf(
                    "two clients agree on %,d sessions in round %d, after the kill in round %d; slowest pick since then %s and %s ms%n",
                    SESSIONS, before, after, one.order("slowest"), other.order("slowest"));
            assertThat(one.order("failed")).isEqualTo("0");
            assertThat(other.order("failed")).isEqualTo("0");
        }
    }
}
