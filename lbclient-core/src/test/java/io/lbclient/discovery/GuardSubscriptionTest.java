package io.lbclient.discovery;

import static io.lbclient.discovery.Guarded.servers;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Outcome;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the guard rails subscribe, ask again, and let go. */
class GuardSubscriptionTest {
    @Test
    @Timeout(60)
    void aPoolWaitsForNoServersWhereItsSourceSaysThatThereAreNone() {
        ServerDiscovery none = sink -> {
            sink.authoritative(List.of());
            return () -> {};
        };
        try (ServerPool pool = new StillClock()
                .builder()
                .startUpWait(Duration.ofHours(1))
                .discovery(GuardRails.standard().around(none))
                .build()) {
            assertThat(pool.snapshot().servers()).isEmpty();
        }
    }

    @Test
    void aSourceThatSaysNothingMoreIsAskedAgainBeforeAShrunkListIsBelieved() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b", "c");
        guarded.push("a");
        guarded.source.atOnce = servers("a");
        guarded.seconds(30);
        assertThat(guarded.ids()).contains("a", "b", "c");
        guarded.seconds(1);

        assertThat(guarded.source.told).containsExactly("subscribed 0", "closed 0", "subscribed 1");
        assertThat(guarded.ids()).containsExactly("a");
    }

    @Test
    void aSourceThatSaysNothingWhenItIsAskedAgainIsAskedEveryTenSeconds() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b", "c");
        guarded.push("a");
        guarded.source.atOnce = List.of();
        guarded.seconds(31);
        assertThat(guarded.source.sinks).hasSize(2);
        guarded.seconds(60);
        assertThat(guarded.source.sinks).hasSize(8);
        assertThat(guarded.ids()).contains("a", "b", "c");
    }

    @Test
    @DisplayName("bug 12: what an ended subscription still says changes nothing")
    void bug12LastWordsOfAnEndedSubscriptionChangeNothing() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        var first = guarded.source.sink();
        guarded.source.atOnce = servers("a", "c");
        first.ended(new IllegalStateException("gone"));
        guarded.seconds(1);
        assertThat(guarded.ids()).containsExactly("a", "c");

        first.update(servers("x"));
        first.authoritative(List.of());
        first.failed(new IllegalStateException("late"));
        first.ended(new IllegalStateException("late"));
        first.refused("late", "late");
        guarded.seconds(60);
        assertThat(guarded.ids()).containsExactly("a", "c");
        assertThat(guarded.source.sinks).hasSize(2);
        assertThat(guarded.status().failures()).isEqualTo(1);
        assertThat(guarded.status().refused()).isZero();
    }

    @Test
    @DisplayName("bug 13: each subscription is closed once, whatever ends it")
    void bug13EachSubscriptionIsClosedOnce() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a");
        for (int i = 0; i < 5; i++) {
            guarded.source.sink().ended(new IllegalStateException("gone"));
            guarded.seconds(11);
        }
        guarded.pool.close();
        guarded.pool.close();
        assertThat(guarded.scheduler.waiting()).isZero();
        assertThat(guarded.source.sinks).hasSize(6);
        for (int i = 0; i < 6; i++) {
            assertThat(guarded.source.told).containsOnlyOnce("subscribed " + i, "closed " + i);
        }
        guarded.seconds(600);
        assertThat(guarded.source.sinks).hasSize(6);
        assertThat(guarded.discovery.status()).isEmpty();
    }

    @Test
    @DisplayName("bug 13: a subscription that ends while it is made is closed, and a new one is made")
    void bug13ASubscriptionThatEndsWhileItIsMadeIsClosed() {
        List<String> told = new ArrayList<>();
        ServerDiscovery ending = sink -> {
            told.add("subscribed");
            sink.ended(new IllegalStateException("at once"));
            return () -> told.add("closed");
        };
        StillClock clock = new StillClock();
        clock.pool(GuardRails.standard().around(ending));
        assertThat(told).containsExactly("subscribed", "closed");
        clock.seconds(1);
        assertThat(told).containsExactly("subscribed", "closed", "subscribed", "closed");
    }

    @Test
    @DisplayName("I7: a subscription that cannot be had is tried again, ever more slowly, within ten seconds")
    void incidentI7SubscribingIsTriedAgainWithBackOff() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a");
        guarded.source.refuses = true;
        guarded.source.sink().ended(new IllegalStateException("gone"));
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waits.add(millisUntilTheNextFailure(guarded));
        }
        assertThat(waits.get(0)).isBetween(490L, 1010L);
        assertThat(waits.get(1)).isBetween(990L, 2010L);
        assertThat(waits.get(2)).isBetween(1990L, 4010L);
        assertThat(waits.subList(4, 8)).allMatch(wait -> wait >= 4990 && wait <= 10010);
        assertThat(waits.subList(4, 8)).doesNotHaveDuplicates();

        guarded.source.refuses = false;
        guarded.source.atOnce = servers("b");
        guarded.seconds(10);
        assertThat(guarded.ids()).containsExactly("b");
        guarded.source.refuses = true;
        guarded.source.sink().ended(new IllegalStateException("gone again"));
        assertThat(millisUntilTheNextFailure(guarded)).as("from the beginning").isBetween(490L, 1010L);
    }

    private static long millisUntilTheNextFailure(Guarded guarded) {
        long failures = guarded.status().failures();
        long begun = guarded.ticker.read();
        while (guarded.status().failures() == failures) {
            guarded.advance(Duration.ofMillis(10));
        }
        return (guarded.ticker.read() - begun) / 1_000_000;
    }

    @Test
    @DisplayName("I7: a source that dies silently is subscribed to again")
    void incidentI7ASilentSourceIsSubscribedToAgain() {
        Guarded guarded = new Guarded(GuardRails.standard().silenceLimit(Duration.ofSeconds(10)), "a");
        guarded.seconds(9);
        guarded.source.sink().unchanged();
        guarded.seconds(9);
        guarded.source.sink().failed(new IllegalStateException("down, and not silent"));
        guarded.seconds(9);
        assertThat(guarded.source.sinks).hasSize(1);
        guarded.seconds(2);
        assertThat(guarded.source.sinks).hasSize(2);
        assertThat(guarded.ids()).containsExactly("a");
    }

    @Test
    void aSourceThatIsGoneIsNotTakenForASilentOne() {
        Guarded guarded = new Guarded(GuardRails.standard().silenceLimit(Duration.ofSeconds(2)), "a");
        guarded.source.refuses = true;
        guarded.source.sink().ended(new IllegalStateException("gone"));
        guarded.seconds(60);
        assertThat(guarded.status().failures()).as("once every 5 to 10 s").isBetween(7L, 15L);

        guarded.source.refuses = false;
        guarded.seconds(10);
        assertThat(guarded.source.sinks).hasSizeGreaterThan(1);
        int subscribed = guarded.source.sinks.size();
        guarded.seconds(2);
        assertThat(guarded.source.sinks).as("back, and silent").hasSize(subscribed + 1);
    }

    /** It asked at once, over and over, and the scheduler did nothing else. */
    @Test
    void aSourceThatWentWhileItsListIsDoubtedIsAskedWhenItIsBack() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b", "c");
        guarded.push("a");
        guarded.source.refuses = true;
        guarded.source.sink().ended(new IllegalStateException("gone"));
        guarded.seconds(120);
        assertThat(guarded.ids()).contains("a", "b", "c");
        assertThat(guarded.status().failures()).as("once every 5 to 10 s").isBetween(12L, 30L);

        guarded.source.refuses = false;
        guarded.source.atOnce = servers("a");
        guarded.seconds(10);
        assertThat(guarded.source.sinks).hasSize(2);
        assertThat(guarded.ids()).containsExactly("a");
    }

    @Test
    void badServersMakeTheSourceLookAgain() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        guarded.pool.pick().complete(Outcome.CONNECT_FAILURE);
        guarded.seconds(0);
        assertThat(guarded.source.told).contains("refreshed 0");
    }
}
