package io.lbclient.notify;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The notifier as a user has it, with its own thread, against real receivers that do what receivers do. */
final class DeliveryTest {
    private final Logs logs = new Logs();

    @AfterEach
    void stopRecording() {
        logs.close();
    }

    private static OperatorNotifier.Builder notifier(URI webhook) {
        return OperatorNotifier.builder(webhook)
                .backoff(Duration.ofMillis(1), Duration.ofMillis(2))
                .requestTimeout(Duration.ofSeconds(20));
    }

    /** A port that nobody listens on and nobody else can take, as long as the socket is open. */
    private static Socket reservedPort() throws Exception {
        Socket socket = new Socket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return socket;
    }

    private static URI uri(Socket reserved) {
        return URI.create("http://127.0.0.1:" + reserved.getLocalPort() + "/hook");
    }

    private static List<Thread> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .toList();
    }

    private static void assertEnds(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(30_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void aFailingReceiverIsAskedAgainWithTheSameMessage() throws Exception {
        try (Receiver receiver =
                        new Receiver().answers(Receiver.status(500), Receiver.status(429), Receiver.status(408));
                OperatorNotifier operator = notifier(receiver.uri()).build()) {
            operator.healthChanged(Changes.out(1));
            byte[] first = receiver.next().body();
            assertThat(receiver.next().body()).isEqualTo(first);
            assertThat(receiver.next().body()).isEqualTo(first);
            assertThat(receiver.next().body()).isEqualTo(first);
            operator.healthChanged(Changes.out(2));
            assertThat(receiver.next().lost()).isEqualTo(Map.of("overflowed", 0L, "undelivered", 0L));
        }
        assertThat(logs.lines(Level.WARN)).isEmpty();
    }

    @Test
    void aReceiverThatSaysNoIsNotAskedAgain() throws Exception {
        try (Receiver receiver = new Receiver().answers(Receiver.status(401));
                OperatorNotifier operator = notifier(receiver.uri()).build()) {
            operator.healthChanged(Changes.out(1));
            receiver.next();
            logs.await(Level.WARN, "1 events undelivered: ", 1);
            assertThat(logs.lines(Level.WARN).get(0)).contains("status 401");
            operator.healthChanged(Changes.out(2));
            assertThat(receiver.next().lost()).containsEntry("undelivered", 1L);
            logs.await(Level.INFO, "takes messages again", 1);
        }
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        try (Receiver elsewhere = new Receiver();
                Receiver receiver = new Receiver().answers(exchange -> {
                    exchange.getResponseHeaders()
                            .set("Location", elsewhere.uri().toString());
                    exchange.sendResponseHeaders(307, -1);
                });
                OperatorNotifier operator = notifier(receiver.uri())
                        .header("Authorization", "Bearer secret")
                        .build()) {
            operator.healthChanged(Changes.out(1));
            receiver.next();
            logs.await(Level.WARN, "status 307", 1);
            assertThat(elsewhere.gotNothingMore()).isTrue();
        }
    }

    @Test
    void aReceiverThatIsNotThereYetGetsTheMessageWhenItIs() throws Exception {
        Socket reserved = reservedPort();
        try (OperatorNotifier operator = notifier(uri(reserved))
                .maxAttempts(100)
                .backoff(Duration.ofMillis(50), Duration.ofMillis(300))
                .build()) {
            operator.healthChanged(Changes.out(1));
            logs.await(Level.DEBUG, "attempt 1 failed: java.net.ConnectException", 1);
            // The port stays reserved until the receiver has it, which may share it as long as only one of the two
            // listens.
            try (Receiver receiver = new Receiver(reserved.getLocalPort());
                    reserved) {
                assertThat(receiver.nextEvents()).hasSize(1);
            }
        }
    }

    @Test
    void aReceiverThatHangsIsGivenUpAndAskedAgain() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answers(receiver.hang(), receiver.endlessBody());
            try (OperatorNotifier operator = notifier(receiver.uri())
                    .requestTimeout(Duration.ofMillis(300))
                    // Some may be given up before the receiver has begun to read them.
                    .maxAttempts(50)
                    .build()) {
                operator.healthChanged(Changes.out(1));
                byte[] first = receiver.next().body();
                assertThat(receiver.next().body()).isEqualTo(first);
                assertThat(receiver.next().body()).isEqualTo(first);
                logs.await(Level.DEBUG, "java.net.http.HttpTimeoutException", 2);
            }
        }
    }

    @Test
    void aMessageIsGivenUpWhenItsTimeIsOver() throws Exception {
        Receiver.Reply[] failures = new Receiver.Reply[100];
        Arrays.fill(failures, Receiver.status(500));
        try (Receiver receiver = new Receiver().answers(failures);
                OperatorNotifier operator = notifier(receiver.uri())
                        .maxAttempts(100)
                        .backoff(Duration.ofMillis(20), Duration.ofMillis(21))
                        .giveUpAfter(Duration.ofMillis(200))
                        .build()) {
            operator.healthChanged(Changes.out(1));
            logs.await(Level.WARN, "1 events undelivered", 1);
            int attempts = 0;
            while (!receiver.gotNothingMore()) {
                receiver.next();
                attempts++;
            }
            // A hundred would take more than a second.
            assertThat(attempts).isLessThan(100);
        }
    }

    @Test
    void oneWarningIsLoggedForAnOutageHoweverLong() throws Exception {
        try (Socket reserved = reservedPort();
                OperatorNotifier operator =
                        notifier(uri(reserved)).maxAttempts(2).build()) {
            operator.healthChanged(Changes.out(1));
            logs.await(Level.WARN, "undelivered", 1);
            operator.healthChanged(Changes.out(2));
            logs.await(Level.DEBUG, "1 more events undelivered", 1);
            operator.healthChanged(Changes.out(3));
            logs.await(Level.DEBUG, "1 more events undelivered", 2);
            assertThat(logs.lines(Level.WARN)).hasSize(1);
        }
    }

    @Test
    void aReceiverThatIsDownForGoodCostsNoRequestAndLeavesNoThread() throws Exception {
        List<Thread> before = threads("HttpClient-");
        OperatorNotifier operator;
        try (Socket reserved = reservedPort()) {
            operator = notifier(uri(reserved))
                    .queueCapacity(10)
                    .maxAttempts(3)
                    .closeTimeout(Duration.ofSeconds(20))
                    .build();
            int answered = 0;
            try (ServerPool pool = ServerPool.builder("orders")
                    .servers(Server.of("10.0.0.1", 1), Server.of("10.0.0.2", 2), Server.of("10.0.0.3", 3))
                    .listener(operator)
                    .build()) {
                Random random = new Random(7);
                for (int i = 0; i < 20_000; i++) {
                    try (Attempt attempt = pool.pick()) {
                        attempt.complete(random.nextInt(10) == 0 ? Outcome.CONNECT_FAILURE : Outcome.SUCCESS);
                        answered++;
                    }
                    if (i % 100 == 0) {
                        pool.drain("10.0.0.3:3");
                        pool.resume("10.0.0.3:3");
                    }
                }
            }
            assertThat(answered).isEqualTo(20_000);
            logs.await(Level.WARN, "undelivered", 1);
            List<Thread> own = threads("lbclient-notify");
            assertThat(own).isNotEmpty();
            operator.close();
            assertEnds(own);
        }
        List<Thread> selectors = new ArrayList<>(threads("HttpClient-"));
        selectors.removeAll(before);
        assertEndAfterCollection(selectors);
        // A user may hold on to a closed notifier, or a pool to its listener.
        Reference.reachabilityFence(operator);
    }

    /** Before Java 21 the JDK's client cannot be closed: its thread ends soon after the client is garbage. */
    private static void assertEndAfterCollection(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            for (int i = 0; i < 100 && thread.isAlive(); i++) {
                System.gc();
                thread.join(200);
            }
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void closingDoesNotWaitForAReceiverThatHangsAndSaysWhatWasLost() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answers(receiver.hang());
            OperatorNotifier operator = notifier(receiver.uri())
                    .requestTimeout(Duration.ofHours(1))
                    .closeTimeout(Duration.ofMillis(50))
                    .build();
            operator.healthChanged(Changes.out(1));
            receiver.next();
            operator.healthChanged(Changes.out(2));
            List<Thread> own = threads("lbclient-notify");
            operator.close();
            assertEnds(own);
            assertThat(logs.lines(Level.WARN)).singleElement().asString().endsWith("closed with 2 events undelivered");
            operator.close();
            operator.healthChanged(Changes.out(3));
        }
    }

    @Test
    void whoIsInterruptedWhileClosingGivesUpWhatIsUnsentAndStaysInterrupted() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answers(receiver.hang());
            OperatorNotifier operator = notifier(receiver.uri())
                    .requestTimeout(Duration.ofHours(1))
                    .closeTimeout(Duration.ofHours(1))
                    .build();
            operator.healthChanged(Changes.out(1));
            receiver.next();
            List<Thread> own = threads("lbclient-notify");
            Thread.currentThread().interrupt();
            operator.close();
            assertThat(Thread.interrupted()).isTrue();
            assertEnds(own);
        }
    }

    @Test
    void whatWasSaidBeforeClosingIsSent() throws Exception {
        try (Receiver receiver = new Receiver()) {
            OperatorNotifier operator = notifier(receiver.uri())
                    .closeTimeout(Duration.ofSeconds(30))
                    .build();
            for (int port = 1; port <= 50; port++) {
                operator.healthChanged(Changes.out(port));
            }
            operator.close();
            int told = 0;
            while (!receiver.gotNothingMore()) {
                told += receiver.nextEvents().size();
            }
            assertThat(told).isEqualTo(50);
        }
    }

    @Test
    void aFullQueueDropsTheOldestAndTheNextMessageSaysHowMany() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answers(receiver.hang());
            try (OperatorNotifier operator =
                    notifier(receiver.uri()).queueCapacity(10).build()) {
                operator.healthChanged(Changes.out(1));
                receiver.next();
                for (int port = 11; port <= 23; port++) {
                    operator.healthChanged(Changes.out(port));
                }
                receiver.release();
                Receiver.Received next = receiver.next();
                assertThat(next.lost()).isEqualTo(Map.of("overflowed", 3L, "undelivered", 0L));
                assertThat(next.events())
                        .extracting(event -> Parsed.object(event.get("server")).get("port"))
                        .containsExactly(14L, 15L, 16L, 17L, 18L, 19L, 20L, 21L, 22L, 23L);
                operator.healthChanged(Changes.out(99));
                assertThat(receiver.next().lost()).isEqualTo(Map.of("overflowed", 0L, "undelivered", 0L));
            }
        }
    }

    @Test
    void alertmanagerIsToldOfALossInOneAnnotation() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answers(receiver.hang());
            try (OperatorNotifier operator = notifier(receiver.uri())
                    .format(NotificationFormat.ALERTMANAGER)
                    .queueCapacity(2)
                    .build()) {
                operator.healthChanged(Changes.out(1));
                receiver.next();
                for (int port = 2; port <= 4; port++) {
                    operator.healthChanged(Changes.out(port));
                }
                receiver.release();
                List<Object> losses = receiver.nextAlerts().stream()
                        .map(alert -> Parsed.object(alert.get("annotations")).getOrDefault("lost", "none"))
                        .toList();
                assertThat(losses)
                        .containsExactly("1 earlier events overflowed the queue, 0 were not delivered", "none");
            }
        }
    }

    @Test
    void theSecretHeaderReachesTheReceiverAndNoLog() throws Exception {
        try (Receiver receiver = new Receiver().answers(Receiver.status(500), Receiver.status(403))) {
            URI secret = URI.create(receiver.uri() + "/T0KEN-PATH?key=T0KEN-QUERY");
            OperatorNotifier operator =
                    notifier(secret).header("Authorization", "Bearer s3cret").build();
            operator.healthChanged(Changes.out(1));
            Receiver.Received message = receiver.next();
            assertThat(message.headers().getFirst("Authorization")).isEqualTo("Bearer s3cret");
            assertThat(message.target()).hasToString("/hook/T0KEN-PATH?key=T0KEN-QUERY");
            logs.await(Level.WARN, "status 403", 1);
            operator.close();
            assertThat(logs.everything()).contains("127.0.0.1").doesNotContain("s3cret", "T0KEN");
            assertThat(operator.toString()).doesNotContain("s3cret", "T0KEN");
        }
    }

    @Test
    void aServerOfARealPoolThatRefusesConnectionsIsToldWithItsReason() throws Exception {
        try (Receiver receiver = new Receiver();
                OperatorNotifier operator = notifier(receiver.uri()).build();
                ServerPool pool = ServerPool.builder("orders")
                        .servers(Server.of("10.0.0.1", 1))
                        .listener(operator)
                        .build()) {
            try (Attempt attempt = pool.pick()) {
                attempt.complete(Outcome.CONNECT_FAILURE);
            }
            List<Object> told = new ArrayList<>();
            while (told.size() < 3) {
                receiver.nextEvents().forEach(event -> told.add(event.get("event")));
            }
            assertThat(told).containsExactly("server_out", "no_server", "panic");
        }
    }
}
