package io.lbclient.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthCause;
import io.lbclient.HealthState;
import io.lbclient.PoolSnapshot;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class FormatTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.250Z");

    /** Twelve o'clock, and at each further question five seconds later. */
    private static final class SteppingClock extends Clock {
        private Instant next = NOON;

        @Override
        public synchronized Instant instant() {
            Instant now = next;
            next = now.plusSeconds(5);
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    /** The samples in the documentation are what is compared with, so they cannot be wrong. */
    private static Object sample(int index) throws IOException {
        String page = Files.readString(Path.of("..", "docs", "notify.md"));
        List<String> samples = Pattern.compile("^```json\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .toList();
        return Parsed.json(samples.get(index).getBytes(StandardCharsets.UTF_8));
    }

    private static OperatorNotifier.Builder notifier(Receiver receiver) {
        return OperatorNotifier.builder(receiver.uri())
                .requestTimeout(Duration.ofSeconds(20))
                .clock(Clock.fixed(NOON, ZoneOffset.UTC))
                .label("instance", "checkout-7");
    }

    @Test
    void genericJsonSaysWhatHappenedToAServerOfARealPool() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver).build();
                ServerPool pool = ServerPool.builder("orders")
                        .servers(Server.of("10.0.0.1", 8080).withZone("eu-1"), Server.of("10.0.0.2", 8080))
                        .listener(operator)
                        .build()) {
            pool.drain("10.0.0.1:8080");
            Receiver.Received message = receiver.next();
            assertThat(message.method()).isEqualTo("POST");
            assertThat(message.headers().getFirst("Content-Type")).isEqualTo("application/json");
            assertThat(message.json()).isEqualTo(sample(0));
            pool.resume("10.0.0.1:8080");
            assertThat(receiver.nextEvents())
                    .singleElement()
                    .satisfies(event -> assertThat(event)
                            .containsEntry("event", "server_back")
                            .containsEntry("from", "DRAINING")
                            .containsEntry("to", "HEALTHY")
                            .containsEntry("raised", false)
                            .containsEntry("counts", Map.of("out", 0L, "changes", 1L, "seconds", 0L)));
        }
    }

    @Test
    void aPoolWithoutServersIsToldWithItsCountAndWithoutAServer() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver).build();
                ServerPool pool = ServerPool.builder("orders")
                        .servers(Server.of("10.0.0.1", 8080))
                        .build()) {
            operator.noneEligible(pool.snapshot());
            assertThat(receiver.nextEvents())
                    .containsExactly(Map.of(
                            "event", "no_server",
                            "severity", "critical",
                            "pool", "orders",
                            "detail", "none of 1 servers is eligible",
                            "text", "orders: no server is eligible: none of 1 servers is eligible",
                            "since", "2026-03-01T12:00:00.250Z",
                            "time", "2026-03-01T12:00:00.250Z",
                            "counts", Map.of("out", 0L, "servers", 1L, "changes", 1L, "seconds", 0L)));
        }
    }

    @Test
    void genericJsonSaysThatStandbyServersSteppedIn() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver).build()) {
            operator.healthChanged(Changes.out(1));
            receiver.next();
            operator.failedOver("orders", Map.of(0, 100), Map.of(1, 100));
            assertThat(receiver.next().json()).isEqualTo(sample(1));
        }
    }

    @Test
    void untilWhenAServerIsOutIsToldInBothFormats() throws Exception {
        for (NotificationFormat format : NotificationFormat.values()) {
            try (Receiver receiver = new Receiver();
                    OperatorNotifier operator =
                            notifier(receiver).format(format).build()) {
                operator.healthChanged(Changes.outUntil(NOON));
                Receiver.Received message = receiver.next();
                Map<String, Object> told = format == NotificationFormat.GENERIC_JSON
                        ? message.events().get(0)
                        : Parsed.object(message.alerts().get(0).get("annotations"));
                assertThat(told).containsEntry("until", "2026-03-01T12:00:00.250Z");
            }
        }
    }

    @Test
    void alertmanagerIsNotToldAnEndThatHasPassedWhenTheAlertIsSent() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver)
                        .format(NotificationFormat.ALERTMANAGER)
                        .build()) {
            operator.healthChanged(Changes.outUntil(NOON.minusMillis(1)));
            Map<String, Object> alert = receiver.nextAlert();
            assertThat(Parsed.object(alert.get("annotations")))
                    .containsEntry("to", "EJECTED")
                    .doesNotContainKey("until");
        }
    }

    @Test
    void alertmanagerGetsAnAlertAndItsEndUnderTheSameLabels() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver)
                        .clock(new SteppingClock())
                        .format(NotificationFormat.ALERTMANAGER)
                        .build()) {
            operator.healthChanged(Changes.out(8080));
            assertThat(receiver.next().json()).isEqualTo(sample(2));
            operator.healthChanged(Changes.back(8080));
            assertThat(receiver.next().json()).isEqualTo(sample(3));
        }
    }

    @Test
    void alertmanagerAlertsOfAWholePoolHaveNoServerLabel() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver)
                        .format(NotificationFormat.ALERTMANAGER)
                        .build()) {
            operator.noneEligible(new PoolSnapshot("orders", List.of()));
            assertThat(receiver.nextAlert())
                    .containsEntry(
                            "labels",
                            Map.of(
                                    "alertname", "LbclientNoServer",
                                    "severity", "critical",
                                    "pool", "orders",
                                    "state", "NO_SERVER",
                                    "instance", "checkout-7"))
                    .doesNotContainKey("endsAt");
            operator.serverAdded("orders", Changes.server(1));
            assertThat(receiver.nextAlert()).containsEntry("endsAt", "2026-03-01T12:00:00.250Z");
        }
    }

    @Test
    void hostileTextStaysOneStringInBothFormats() throws Exception {
        String hostile = "\"}],\"x\":[{\\ \r\n\u0000\u001b[31m\u2028 \u00e9 \ud83d\ude00 half \ud800 </script>";
        for (NotificationFormat format : NotificationFormat.values()) {
            try (Receiver receiver = new Receiver();
                    OperatorNotifier operator =
                            notifier(receiver).format(format).build()) {
                operator.healthChanged(Changes.out(Server.of("h", 1).withId("a{b}'<c>|&"), hostile));
                Receiver.Received message = receiver.next();
                for (byte b : message.body()) {
                    assertThat(b).isBetween((byte) 0x20, (byte) 0x7e);
                }
                if (format == NotificationFormat.GENERIC_JSON) {
                    Map<String, Object> event = message.events().get(0);
                    assertThat(event).containsEntry("detail", hostile);
                    assertThat(Parsed.object(event.get("server"))).containsEntry("id", "a{b}'<c>|&");
                } else {
                    Map<String, Object> alert = message.alerts().get(0);
                    assertThat(Parsed.object(alert.get("annotations"))).containsEntry("description", hostile);
                    assertThat(Parsed.object(alert.get("labels"))).containsEntry("server", "a{b}'<c>|&");
                }
            }
        }
    }

    @Test
    void aDetailOfAnyLengthIsCutShort() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver).build()) {
            operator.healthChanged(Changes.out(Changes.server(1), "x".repeat(5_000_000)));
            assertThat(receiver.nextEvents().get(0).get("detail")).isEqualTo("x".repeat(Notice.MAX_DETAIL) + "...");
        }
    }

    @Test
    void bothKindsOfAnAlertShareTheLabelsThatAreNotTheAlerts() {
        Map<String, Set<String>> severities = Arrays.stream(Kind.values())
                .collect(
                        Collectors.groupingBy(Kind::alertName, Collectors.mapping(Kind::severity, Collectors.toSet())));
        assertThat(severities.values()).allSatisfy(one -> assertThat(one).hasSize(1));
    }

    @Test
    void aChangeBetweenTwoStatesThatAreOutIsNoNews() throws Exception {
        try (Receiver receiver = new Receiver()) {
            OperatorNotifier operator = notifier(receiver).build();
            operator.healthChanged(Changes.out(1));
            operator.healthChanged(
                    Changes.change(1, HealthState.EJECTED, HealthState.UNHEALTHY, HealthCause.ACTIVE_CHECK));
            operator.healthChanged(
                    Changes.change(1, HealthState.UNHEALTHY, HealthState.WARMING, HealthCause.ACTIVE_CHECK));
            operator.close();
            List<Object> told = new ArrayList<>();
            while (!receiver.gotNothingMore()) {
                receiver.nextEvents().forEach(event -> told.add(event.get("to")));
            }
            assertThat(told).endsWith("WARMING").doesNotContain("UNHEALTHY");
        }
    }
}
