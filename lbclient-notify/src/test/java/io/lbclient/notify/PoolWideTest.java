package io.lbclient.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Failover;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Panic and failover of real pools, told to a real receiver. */
final class PoolWideTest {
    private static final Server PRIMARY = Server.of("10.0.0.1", 8080).withId("primary");
    private static final Server STANDBY =
            Server.of("10.1.0.1", 8080).withId("standby").withTier(1);

    private static OperatorNotifier.Builder notifier(Receiver receiver) {
        return OperatorNotifier.builder(receiver.uri())
                .requestTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(30));
    }

    private static ServerPool pool(OperatorNotifier operator, Failover failover, Server... servers) {
        return ServerPool.builder("orders")
                .servers(servers)
                .failover(failover)
                .listener(operator)
                .build();
    }

    /** The next event of a kind, whatever comes before it. */
    private static Map<String, Object> await(Receiver receiver, String event) throws Exception {
        while (true) {
            for (Map<String, Object> next : receiver.nextEvents()) {
                if (event.equals(next.get("event"))) {
                    return next;
                }
            }
        }
    }

    private static void refuse(ServerPool pool) {
        try (Attempt attempt = pool.pick()) {
            attempt.complete(Outcome.CONNECT_FAILURE);
        }
    }

    @Test
    void standbyServersThatStepInAndBackAreToldOnceEach() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver).build();
                ServerPool pool = pool(operator, Failover.DEFAULT, PRIMARY, STANDBY)) {
            refuse(pool);
            assertThat(await(receiver, "failed_over"))
                    .containsEntry("severity", "warning")
                    .containsEntry("pool", "orders")
                    .containsEntry("detail", "100 % to tier 1 (was: 100 % to tier 0)")
                    .doesNotContainKey("server");
            pool.operator("anna").enable("primary");
            assertThat(await(receiver, "failed_back"))
                    .containsEntry(
                            "text",
                            "orders: standby servers have stepped back: 100 % to tier 0 (was: 100 % to tier 1)");
        }
    }

    @Test
    void panicIsToldWithTheServersThatAreOutAndWhyAndSoIsItsEnd() throws Exception {
        Server other = Server.of("10.0.0.2", 8080).withId("other");
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver).build();
                ServerPool pool = pool(operator, Failover.DEFAULT.withPanicThreshold(60), PRIMARY, other)) {
            pool.operator("anna").weight("other", 0);
            refuse(pool);
            Map<String, Object> panic = await(receiver, "panic");
            assertThat(panic)
                    .containsEntry("severity", "critical")
                    .containsEntry("detail", "1 of 2 servers of tier 0 are out: primary EJECTED (connect failure)");
            assertThat(Parsed.object(panic.get("counts"))).containsEntry("servers", 2L);
            pool.operator("anna").enable("primary");
            assertThat(await(receiver, "panic_over")).containsEntry("text", "orders: is no longer in panic");
        }
    }

    @Test
    void alertmanagerGetsAFailoverAndItsEndUnderTheSameLabels() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver)
                        .format(NotificationFormat.ALERTMANAGER)
                        .build()) {
            operator.failedOver("orders", Map.of(0, 100), Map.of(0, 60, 1, 40));
            Map<String, Object> fired = receiver.nextAlert();
            assertThat(fired)
                    .containsEntry(
                            "labels",
                            Map.of(
                                    "alertname", "LbclientFailover",
                                    "severity", "warning",
                                    "pool", "orders",
                                    "state", "FAILED_OVER"))
                    .doesNotContainKey("endsAt");
            operator.failedOver("orders", Map.of(0, 60, 1, 40), Map.of(0, 100));
            Map<String, Object> ended = receiver.nextAlert();
            assertThat(ended).containsEntry("labels", fired.get("labels")).containsKey("endsAt");
        }
    }

    @Test
    void aFailoverThatGrowsIsNoNewsButIsRepeatedAsItIs() {
        Reporter reporter = new Reporter(Clock.systemUTC());
        assertThat(reporter.failedOver("orders", Map.of(0, 100), Map.of(0, 60, 1, 40)))
                .hasSize(1);
        assertThat(reporter.failedOver("orders", Map.of(0, 60, 1, 40), Map.of(1, 100)))
                .isEmpty();
        assertThat(reporter.standing())
                .singleElement()
                .extracting(Notice::detail)
                .isEqualTo("100 % to tier 1 (was: 60 % to tier 0, 40 % to tier 1)");
        // Servers of the first tier that are back in part do not end it.
        assertThat(reporter.failedOver("orders", Map.of(1, 100), Map.of(0, 80, 1, 20)))
                .isEmpty();
        assertThat(reporter.failedOver("orders", Map.of(0, 80, 1, 20), Map.of(0, 100)))
                .extracting(Notice::kind)
                .containsExactly(Kind.FAILED_BACK);
        assertThat(reporter.failedOver("payments", Map.of(2, 100), Map.of(0, 100)))
                .as("a listener that came after the failover")
                .isEmpty();
        assertThat(reporter.failedOver("orders", Map.of(0, 100), Map.of())).isEmpty();
    }

    @Test
    void aFlappingFailoverIsToldOnceInAWindowAndThenSummedUp() throws Exception {
        List<Map<String, Object>> told = new ArrayList<>();
        try (Receiver receiver = new Receiver()) {
            OperatorNotifier operator =
                    notifier(receiver).deduplicationWindow(Duration.ofHours(1)).build();
            for (int i = 0; i < 50; i++) {
                operator.failedOver("orders", Map.of(0, 100), Map.of(1, 100));
                operator.failedOver("orders", Map.of(1, 100), Map.of(0, 100));
            }
            // Which ends the window.
            operator.close();
            while (!receiver.gotNothingMore()) {
                told.addAll(receiver.nextEvents());
            }
        }
        assertThat(told).hasSizeBetween(1, 3);
        assertThat(told.get(told.size() - 1).get("text").toString())
                .contains("stepped back")
                .containsPattern("changed \\d+ times in 3600 s");
    }

    @Test
    void aReceiverThatFailsIsAskedAgainForAPanic() throws Exception {
        try (Receiver receiver = new Receiver().answers(Receiver.status(503));
                OperatorNotifier operator = notifier(receiver)
                        .backoff(Duration.ofMillis(1), Duration.ofMillis(2))
                        .build();
                ServerPool pool = pool(operator, Failover.DEFAULT, PRIMARY)) {
            operator.panicChanged(pool.snapshot(), Set.of(0));
            byte[] first = receiver.next().body();
            assertThat(receiver.next().body()).isEqualTo(first);
        }
    }
}
