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
    void aFewServersAfterAnEmptyAnswerAreDoubtedAnew() {
        Guarded guarded = new Guarded();
        guarded.source.sink().update(numbered(0, 10));
        guarded.push();
        guarded.seconds(40);
        guarded.source.sink().update(numbered(0, 3));
        assertThat(guarded.ids()).hasSize(10);
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
        assertThat(guarded.status().refused()).as("an equal twin is no mistake").isEqualTo(1);
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
        guarded.seconds(31);
        guarded.push();
        assertThat(guarded.ids()).isEmpty();
        guarded.push("a");
        assertThat(guarded.ids()).containsExactly("a");
    }

    @Test
    void aRestartIsFreeAgainAfterAQuietTimeAlsoWhileAnotherServerComesAndGoes() {
        Guarded guarded = new Guarded();
        for (int second = 0; second < 150; second++) {
            List<Server> named = new ArrayList<>(numbered(0, 5));
            boolean restarts = second % 100 == 10;
            if (!restarts) {
                named.add(server("b"));
            }
            if (second % 2 == 0) {
                named.add(server("flap"));
            }
            guarded.source.sink().update(named);
            assertThat(guarded.ids().contains("b")).as("second %d", second).isEqualTo(!restarts);
            guarded.seconds(1);
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
}
