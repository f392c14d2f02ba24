package io.lbclient.discovery;

import static io.lbclient.discovery.Guarded.numbered;
import static io.lbclient.discovery.Guarded.server;
import static io.lbclient.discovery.Guarded.servers;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {
    @Test
    @DisplayName("I7: while the source fails the last list stays, its age grows, and it is told that it fails")
    void incidentI7WhileTheSourceFailsTheLastListStays() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        guarded.seconds(60);
        guarded.source.sink().failed(new IllegalStateException("down"));
        guarded.seconds(3600);

        assertThat(guarded.ids()).containsExactly("a", "b");
        assertThat(guarded.status().age()).isEqualTo(Duration.ofSeconds(3660));
        assertThat(guarded.status().failing()).isTrue();
        assertThat(guarded.status().failures()).isEqualTo(1);

        guarded.push("a", "b");
        assertThat(guarded.status().age()).isZero();
        assertThat(guarded.status().failing()).isFalse();
    }

    @Test
    @DisplayName("I8: an empty answer changes nothing for an hour, and is believed then, if it is repeated")
    void incidentI8AnEmptyAnswerIsBelievedWhenItIsConfirmed() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        guarded.push();
        for (int minute = 0; minute < 59; minute++) {
            guarded.seconds(60);
            guarded.push();
            assertThat(guarded.ids()).containsExactly("a", "b");
        }
        assertThat(guarded.status().doubted()).isTrue();
        guarded.seconds(60);
        guarded.push();
        assertThat(guarded.ids()).isEmpty();
        assertThat(guarded.status().doubted()).isFalse();
    }

    @Test
    void anEmptyAnswerThatIsMeantIsBelievedAtOnce() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        guarded.source.sink().authoritative(List.of());

        assertThat(guarded.ids()).isEmpty();
    }

    @Test
    void aServerThatComesBackEndsTheDoubtOfAnEmptyAnswer() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        guarded.push();
        guarded.seconds(3599);
        guarded.push("a", "b");
        guarded.seconds(1);
        guarded.push();
        assertThat(guarded.ids()).containsExactly("a", "b");
    }

    @Test
    void halfOfTheListMayGoAtOnceAndMoreIsDoubtedWhileWhatIsNewIsUsed() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b", "c", "d");
        guarded.push("a", "b");
        assertThat(guarded.ids()).containsExactly("a", "b");

        guarded.source.sink().update(numbered(0, 10));
        guarded.source.sink().update(List.of(server("s1"), server("new")));
        assertThat(guarded.ids()).hasSize(11).contains("new", "s0", "s9");
        assertThat(guarded.status().doubted()).isTrue();
    }

    @Test
    @DisplayName("I8: a list that crumbles one by one is doubted at the same point as one that shrinks at once")
    void incidentI8AListThatCrumblesIsDoubted() {
        Guarded guarded = new Guarded();
        guarded.source.sink().update(numbered(0, 100));
        for (int left = 99; left >= 0; left--) {
            guarded.advance(Duration.ofMillis(100));
            guarded.source.sink().update(numbered(0, left));
        }
        assertThat(guarded.ids()).hasSize(50);
    }

    @Test
    void aDoubtedListThatGoesOnShrinkingIsNotTheSameList() {
        Guarded guarded = new Guarded();
        guarded.source.sink().update(numbered(0, 100));
        guarded.source.sink().update(numbered(0, 40));
        guarded.seconds(20);
        guarded.source.sink().update(numbered(0, 10));
        guarded.seconds(10);
        guarded.source.sink().update(numbered(0, 10));
        assertThat(guarded.ids()).hasSize(100);
        guarded.seconds(20);
        guarded.source.sink().update(numbered(0, 9));
        assertThat(guarded.ids()).hasSize(9);
    }

    @Test
    void aListThatShrinksSlowlyIsBelieved() {
        Guarded guarded = new Guarded();
        guarded.source.sink().update(numbered(0, 10));
        for (int left = 9; left > 0; left--) {
            guarded.seconds(61);
            guarded.source.sink().update(numbered(0, left));
            assertThat(guarded.ids()).hasSize(left);
        }
    }

    @Test
    void aShrunkListIsBelievedWhenTheSourceLookedAgainAndFoundTheSame() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b", "c");
        guarded.push("a");
        guarded.seconds(29);
        guarded.source.sink().unchanged();
        assertThat(guarded.ids()).contains("a", "b", "c");
        guarded.seconds(1);
        guarded.source.sink().unchanged();
        assertThat(guarded.ids()).containsExactly("a");
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
        assertThat(guarded.source.sinks).hasSize(6);
        for (int i = 0; i < 6; i++) {
            assertThat(guarded.source.told).containsOnlyOnce("subscribed " + i, "closed " + i);
        }
        guarded.seconds(600);
        assertThat(guarded.source.sinks).hasSize(6);
        assertThat(guarded.discovery.status()).isEmpty();
    }

    @Test
    @DisplayName("I7: a subscription that cannot be had is tried again, ever more slowly, within ten seconds")
    void incidentI7SubscribingIsTriedAgainWithBackOff() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a");
        guarded.source.refuses = true;
        guarded.source.sink().ended(new IllegalStateException("gone"));
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            long failures = guarded.status().failures();
            long begun = guarded.ticker.read();
            while (guarded.status().failures() == failures) {
                guarded.advance(Duration.ofMillis(10));
            }
            waits.add((guarded.ticker.read() - begun) / 1_000_000);
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
    }

    @Test
    @DisplayName("I7: a source that dies silently is subscribed to again")
    void incidentI7ASilentSourceIsSubscribedToAgain() {
        Guarded guarded = new Guarded(GuardRails.standard().silenceLimit(Duration.ofSeconds(10)), "a");
        guarded.seconds(9);
        guarded.source.sink().unchanged();
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

    @Test
    @DisplayName("I7: null, a list with a null and a list of nothing but nulls cost nobody anything")
    @SuppressWarnings({"DataFlowIssue", "NullAway"})
    void incidentI7NullsCostNothing() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        List<Server> holes = new ArrayList<>(servers("a", "c"));
        holes.add(1, null);
        guarded.source.sink().update(holes);
        assertThat(guarded.ids()).containsExactly("a", "c");
        holes.clear();
        holes.add(null);
        guarded.source.sink().authoritative(holes);
        assertThat(guarded.ids()).containsExactly("a", "c");
        guarded.source.sink().update(null);
        assertThat(guarded.ids()).containsExactly("a", "c");
        assertThat(guarded.status().refused()).isEqualTo(2);
        assertThat(guarded.status().failing()).isTrue();
    }

    @Test
    @DisplayName("I6: one bad entry in a list holds up neither what comes nor what goes")
    void incidentI6OneBadEntryHoldsUpNothing() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        Server metadata = Server.of("169.254.169.254", 80);
        for (int i = 0; i < 3; i++) {
            guarded.source.sink().update(List.of(server("b"), metadata, server("c" + i)));
            assertThat(guarded.ids()).containsExactly("b", "c" + i);
        }
        assertThat(guarded.status().refused()).isEqualTo(3);
        guarded.push("b", "c");
        assertThat(guarded.ids()).containsExactly("b", "c");
    }

    @Test
    void aFilterThatThrowsRefusesThatServer() {
        Guarded guarded = new Guarded(GuardRails.standard().filter(server -> {
            if (server.id().equals("bad")) {
                throw new IllegalStateException("a mistake");
            }
            return null;
        }));
        guarded.push("a", "bad", "b");
        assertThat(guarded.ids()).containsExactly("a", "b");
    }

    @Test
    @DisplayName(
            "bug 18: a server that is listed twice is one, and of two with one id and other settings the first counts")
    void bug18TwinsAreOneServer() {
        Guarded guarded = new Guarded();
        guarded.source
                .sink()
                .update(List.of(
                        server("a"), server("a"), server("b"), server("a").withWeight(3)));
        assertThat(guarded.ids()).containsExactly("a", "b");
        assertThat(guarded.pool.snapshot().servers().get(0).server().weight()).isEqualTo(1);
        guarded.source.sink().update(List.of(server("a").withWeight(3), server("b")));
        assertThat(guarded.pool.snapshot().servers().get(0).server().weight()).isEqualTo(3);
    }

    @Test
    void aWeightThatChangesKeepsTheStatistics() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a");
        for (int i = 0; i < 5; i++) {
            guarded.pool.pick().complete(Outcome.SUCCESS);
        }
        guarded.source.sink().update(List.of(server("a").withWeight(9)));
        assertThat(guarded.pool.snapshot().servers().get(0).picks()).isEqualTo(5);
        assertThat(guarded.pool.snapshot().servers().get(0).weight()).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 30})
    @DisplayName(
            "I8: a server that comes and goes every second changes sides at most once in 30 s after its first return")
    void incidentI8AFlappingServerIsDamped(int period) {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b", "flap");
        List<Long> flips = new ArrayList<>();
        boolean in = true;
        for (int second = 0; second < 600; second++) {
            if (second % period == 0) {
                boolean listed = second / period % 2 == 0;
                guarded.push(listed ? new String[] {"a", "b", "flap"} : new String[] {"a", "b"});
            }
            if (guarded.ids().contains("flap") != in) {
                in = !in;
                flips.add((long) second);
            }
            guarded.seconds(1);
        }
        assertThat(flips).hasSizeGreaterThan(3);
        for (int i = 2; i < flips.size(); i++) {
            assertThat(flips.get(i) - flips.get(i - 1)).isGreaterThanOrEqualTo(30);
        }
    }

    @Test
    void aRestartIsNoFlapping() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        for (int restart = 0; restart < 3; restart++) {
            guarded.push("a");
            assertThat(guarded.ids()).containsExactly("a");
            guarded.seconds(5);
            guarded.push("a", "b");
            assertThat(guarded.ids()).containsExactly("a", "b");
            guarded.seconds(60);
        }
    }

    @Test
    void aServerThatComesAndGoesIsBetterThanNone() {
        Guarded guarded = new Guarded(GuardRails.standard().emptyAfter(Duration.ZERO), "a");
        for (int i = 0; i < 5; i++) {
            guarded.push();
            guarded.push("a");
            assertThat(guarded.ids()).containsExactly("a");
        }
    }

    @Test
    @DisplayName("bug 11: a subset is taken of the believed list, and doubt is about the list as a whole")
    void bug11ASubsetIsTakenOfTheBelievedList() {
        Source source = new Source();
        source.atOnce = numbered(0, 100);
        try (ServerPool pool = new StillClock()
                .builder()
                .subset(Subsets.random(5, 7))
                .discovery(GuardRails.standard().around(source))
                .build()) {
            List<Server> before = members(pool);
            assertThat(before).hasSize(5);
            source.sink().update(numbered(0, 3));
            assertThat(members(pool)).isEqualTo(before);
            source.sink().update(numbered(0, 60));
            assertThat(members(pool)).hasSize(5).isSubsetOf(numbered(0, 60));
        }
    }

    private static List<Server> members(ServerPool pool) {
        return pool.snapshot().servers().stream().map(s -> s.server()).toList();
    }

    @Test
    void badServersMakeTheSourceLookAgain() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        guarded.pool.pick().complete(Outcome.CONNECT_FAILURE);
        guarded.seconds(0);
        assertThat(guarded.source.told).contains("refreshed 0");
    }
}
