package io.lbclient.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthChange;
import io.lbclient.test.FakeTicker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The worker's rounds on the test's thread with a clock of the test's own, against a real receiver. */
final class WorkerTest {
    private static final Duration WINDOW = Duration.ofSeconds(60);

    private final FakeTicker ticker = new FakeTicker();
    private final Clock clock = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    private final Reporter reporter = new Reporter(clock);
    private Mailbox mailbox;
    private Receiver receiver;
    private Worker worker;

    @BeforeEach
    void start() throws Exception {
        receiver = new Receiver();
        start(settings -> settings);
    }

    /** In place of the worker that there is. */
    private void start(UnaryOperator<OperatorNotifier.Builder> more) {
        start(100, more);
    }

    private void start(int capacity, UnaryOperator<OperatorNotifier.Builder> more) {
        end();
        OperatorNotifier.Builder settings = OperatorNotifier.builder(receiver.uri())
                .ticker(ticker)
                .clock(clock)
                .deduplicationWindow(WINDOW)
                .requestTimeout(Duration.ofSeconds(20))
                .maxAttempts(1);
        mailbox = new Mailbox(capacity);
        worker = new Worker(more.apply(settings), mailbox, reporter);
    }

    private void end() {
        if (worker != null) {
            mailbox.close();
            worker.run();
        }
    }

    @AfterEach
    void stop() {
        end();
        receiver.close();
    }

    private void say(HealthChange... changes) throws InterruptedException {
        for (HealthChange change : changes) {
            mailbox.put(reporter.healthChanged(change));
        }
        worker.round(0);
    }

    private static List<Object> counts(List<Map<String, Object>> events, String name) {
        return events.stream()
                .map(e -> Parsed.object(e.get("counts")).get(name))
                .toList();
    }

    private static List<Object> ports(List<Map<String, Object>> events) {
        return events.stream()
                .map(e -> Parsed.object(e.get("server")).get("port"))
                .toList();
    }

    @Test
    void tellsEachStateOfAServerOnceInAWindow() throws Exception {
        say(Changes.out(1));
        assertThat(receiver.nextEvents()).extracting(e -> e.get("to")).containsExactly("EJECTED");
        say(Changes.back(1));
        assertThat(receiver.nextEvents()).extracting(e -> e.get("to")).containsExactly("HEALTHY");
        say(Changes.out(1));
        say(Changes.back(1));
        assertThat(receiver.gotNothingMore()).isTrue();
        say(Changes.failsCheck(1));
        assertThat(receiver.nextEvents()).extracting(e -> e.get("to")).containsExactly("UNHEALTHY");
    }

    @Test
    void summarisesFlappingAtTheEndOfTheWindow() throws Exception {
        say(Changes.out(1));
        say(Changes.back(1));
        say(Changes.out(1));
        say(Changes.back(1));
        say(Changes.out(1));
        say(Changes.back(1));
        say(Changes.out(1));
        receiver.next();
        receiver.next();
        ticker.advance(WINDOW.minusNanos(1));
        worker.round(0);
        assertThat(receiver.gotNothingMore()).isTrue();
        ticker.advance(Duration.ofNanos(1));
        worker.round(0);
        List<Map<String, Object>> events = receiver.nextEvents();
        assertThat(events).extracting(e -> e.get("event")).containsExactly("server_out");
        assertThat(counts(events, "changes")).containsExactly(7L);
        assertThat(counts(events, "seconds")).containsExactly(60L);
        assertThat((String) events.get(0).get("text")).endsWith("; changed 7 times in 60 s");
    }

    @Test
    void whatFlapsOnIsSummarisedOnceInEachWindow() throws Exception {
        say(Changes.out(1));
        say(Changes.back(1));
        receiver.next();
        receiver.next();
        for (int window = 0; window < 3; window++) {
            for (int i = 0; i < 5; i++) {
                say(Changes.out(1));
                say(Changes.back(1));
            }
            ticker.advance(WINDOW);
            worker.round(0);
        }
        // The first window: a summary. In each later one the other state is told at once, then a summary.
        List<Object> changes = new ArrayList<>();
        while (!receiver.gotNothingMore()) {
            changes.addAll(counts(receiver.nextEvents(), "changes"));
        }
        assertThat(changes).containsExactly(12L, 1L, 10L, 1L, 10L);
    }

    @Test
    void aNewStateAmongTheFlappingDoesNotDropTheSummary() throws Exception {
        say(Changes.out(1));
        say(Changes.back(1));
        say(Changes.out(1));
        say(Changes.back(1));
        say(Changes.failsCheck(1));
        receiver.next();
        receiver.next();
        assertThat(receiver.nextEvents()).extracting(e -> e.get("to")).containsExactly("UNHEALTHY");
        ticker.advance(WINDOW);
        worker.round(0);
        assertThat(counts(receiver.nextEvents(), "changes")).containsExactly(5L);
    }

    @Test
    void ofTooManyWindowsTheOldestEndsEarlyWithItsSummary() throws Exception {
        start(settings -> settings.queueCapacity(2));
        say(Changes.out(1));
        say(Changes.back(1));
        say(Changes.out(1));
        say(Changes.out(2));
        receiver.next();
        receiver.next();
        receiver.next();
        say(Changes.out(3));
        List<Map<String, Object>> events = receiver.nextEvents();
        assertThat(ports(events)).containsExactly(1L, 3L);
        assertThat(counts(events, "changes")).containsExactly(3L, 1L);
    }

    @Test
    void afterAQuietWindowTheSameStateIsNewsAgain() throws Exception {
        say(Changes.out(1));
        say(Changes.back(1));
        receiver.next();
        receiver.next();
        ticker.advance(WINDOW);
        say(Changes.out(1));
        assertThat(counts(receiver.nextEvents(), "changes")).containsExactly(1L);
        assertThat(receiver.gotNothingMore()).isTrue();
    }

    @Test
    void oneServersFlappingDoesNotHoldBackAnother() throws Exception {
        say(Changes.out(1));
        say(Changes.back(1));
        say(Changes.out(1));
        receiver.next();
        receiver.next();
        say(Changes.out(2));
        assertThat(ports(receiver.nextEvents())).containsExactly(2L);
    }

    @Test
    void whatExceedsTheRateComesTogetherWithTheNextToken() throws Exception {
        start(settings -> settings.messagesPerMinute(2));
        say(Changes.out(1));
        say(Changes.out(2));
        say(Changes.out(3));
        say(Changes.out(4));
        say(Changes.back(4));
        assertThat(ports(receiver.nextEvents())).containsExactly(1L);
        assertThat(ports(receiver.nextEvents())).containsExactly(2L);
        ticker.advance(Duration.ofSeconds(30).minusNanos(1));
        worker.round(0);
        assertThat(receiver.gotNothingMore()).isTrue();
        ticker.advance(Duration.ofNanos(1));
        worker.round(0);
        List<Map<String, Object>> events = receiver.nextEvents();
        assertThat(ports(events)).containsExactly(3L, 4L);
        assertThat(events).extracting(e -> e.get("event")).containsExactly("server_out", "server_back");
        assertThat(counts(events, "changes")).containsExactly(1L, 2L);
        assertThat(receiver.gotNothingMore()).isTrue();
    }

    @Test
    void aLongQuietTimeEarnsNoMoreThanAMinutesMessages() throws Exception {
        start(settings -> settings.messagesPerMinute(2));
        ticker.advance(Duration.ofHours(1));
        for (int port = 1; port <= 4; port++) {
            say(Changes.out(port));
        }
        assertThat(ports(receiver.nextEvents())).containsExactly(1L);
        assertThat(ports(receiver.nextEvents())).containsExactly(2L);
        assertThat(receiver.gotNothingMore()).isTrue();
    }

    @Test
    void itWaitsForTheNextTokenAndForTheNextRepetition() throws Exception {
        start(settings -> settings.format(NotificationFormat.ALERTMANAGER)
                .messagesPerMinute(2)
                .repeatInterval(Duration.ofSeconds(40))
                .deduplicationWindow(Duration.ofHours(1)));
        say(Changes.out(1));
        assertThat(worker.nanosUntilDue(ticker.read()))
                .isEqualTo(Duration.ofSeconds(40).toNanos());
        say(Changes.out(2));
        say(Changes.out(3));
        assertThat(worker.nanosUntilDue(ticker.read()))
                .isEqualTo(Duration.ofSeconds(30).toNanos());
    }

    @Test
    void whatFindsNoRoomWhileTheRateHoldsItBackIsCounted() throws Exception {
        start(settings -> settings.queueCapacity(2).messagesPerMinute(1));
        say(Changes.out(1));
        say(Changes.out(2));
        say(Changes.out(3));
        say(Changes.out(4));
        receiver.next();
        ticker.advance(WINDOW);
        worker.round(0);
        Receiver.Received message = receiver.next();
        assertThat(ports(message.events())).containsExactly(3L, 4L);
        assertThat(message.lost()).containsEntry("overflowed", 1L);
    }

    @Test
    void aReceiverThatRefusesARepetitionIsSparedTheRestOfIt() throws Exception {
        start(1_000, settings -> settings.format(NotificationFormat.ALERTMANAGER));
        HealthChange[] changes = new HealthChange[Worker.MAX_BATCH * 2];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = Changes.out(i + 1);
        }
        say(changes);
        receiver.next();
        receiver.next();
        receiver.answers(Receiver.status(500));
        ticker.advance(Duration.ofMinutes(1));
        worker.round(0);
        receiver.next();
        assertThat(receiver.gotNothingMore()).isTrue();
    }

    @Test
    void whatComesAfterTheClosingIsNotKept() {
        mailbox.close();
        mailbox.put(reporter.healthChanged(Changes.out(1)));
        assertThat(mailbox.size()).isZero();
    }

    @Test
    void manyEventsAreSentInMessagesOfALimitedSize() throws Exception {
        start(1_000, settings -> settings);
        HealthChange[] changes = new HealthChange[Worker.MAX_BATCH * 2 + 1];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = Changes.out(i + 1);
        }
        say(changes);
        assertThat(receiver.nextEvents()).hasSize(Worker.MAX_BATCH);
        assertThat(receiver.nextEvents()).hasSize(Worker.MAX_BATCH);
        assertThat(receiver.nextEvents()).hasSize(1);
    }

    @Test
    void theNextMessageSaysHowManyEventsWereNotDelivered() throws Exception {
        receiver.answers(Receiver.status(500), Receiver.status(503));
        say(Changes.out(1), Changes.out(2));
        say(Changes.out(3));
        say(Changes.out(4));
        say(Changes.out(5));
        assertThat(receiver.next().lost()).containsEntry("undelivered", 0L);
        assertThat(receiver.next().lost()).containsEntry("undelivered", 2L);
        assertThat(receiver.next().lost()).containsEntry("undelivered", 3L);
        assertThat(receiver.next().lost()).containsEntry("undelivered", 0L).containsEntry("overflowed", 0L);
    }

    @Test
    void alertsThatStandAreRepeatedForAlertmanagerUntilTheyAreResolved() throws Exception {
        start(settings -> settings.format(NotificationFormat.ALERTMANAGER).repeatInterval(Duration.ofMinutes(1)));
        say(Changes.out(1));
        say(Changes.out(2));
        Map<String, Object> first = receiver.nextAlert();
        Map<String, Object> second = receiver.nextAlert();
        ticker.advance(Duration.ofMinutes(1));
        worker.round(0);
        assertThat(receiver.nextAlerts()).containsExactly(first, second);
        say(Changes.back(1));
        assertThat(receiver.nextAlert()).containsKey("endsAt");
        ticker.advance(Duration.ofMinutes(1));
        worker.round(0);
        assertThat(receiver.nextAlerts()).containsExactly(second);
        say(Changes.back(2));
        receiver.next();
        ticker.advance(Duration.ofMinutes(10));
        worker.round(0);
        assertThat(receiver.gotNothingMore()).isTrue();
    }

    @Test
    void anAlertWhoseEndWasDroppedIsNotRepeated() throws Exception {
        start(1, settings -> settings.format(NotificationFormat.ALERTMANAGER));
        say(Changes.out(1));
        receiver.next();
        say(Changes.back(1), Changes.out(2));
        receiver.next();
        ticker.advance(Duration.ofMinutes(1));
        worker.round(0);
        assertThat(receiver.nextAlerts())
                .singleElement()
                .extracting(alert -> Parsed.object(alert.get("labels")).get("server"))
                .isEqualTo("10.0.0.1:2");
    }

    @Test
    void genericJsonIsNotRepeated() throws Exception {
        say(Changes.out(1));
        receiver.next();
        ticker.advance(Duration.ofHours(1));
        worker.round(0);
        assertThat(receiver.gotNothingMore()).isTrue();
    }

    @Test
    void closingSendsWhatTheWindowAndTheRateHeldBack() throws Exception {
        start(settings -> settings.messagesPerMinute(1));
        say(Changes.out(1));
        receiver.next();
        say(Changes.back(1), Changes.out(1));
        say(Changes.out(2));
        assertThat(receiver.gotNothingMore()).isTrue();
        mailbox.close();
        assertThat(worker.round(0)).isFalse();
        List<Map<String, Object>> events = receiver.nextEvents();
        assertThat(events).extracting(e -> e.get("event")).containsExactly("server_out", "server_out");
        assertThat(ports(events)).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void aClockThatGoesBackNeitherThrowsNorSendsTwice() throws Exception {
        say(Changes.out(1));
        receiver.next();
        ticker.advance(Duration.ofHours(-1));
        say(Changes.back(1));
        assertThat(receiver.nextEvents()).extracting(e -> e.get("event")).containsExactly("server_back");
        say(Changes.out(1));
        assertThat(receiver.gotNothingMore()).isTrue();
    }
}
