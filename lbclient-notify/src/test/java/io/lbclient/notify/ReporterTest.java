package io.lbclient.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthState;
import io.lbclient.PoolSnapshot;
import io.lbclient.Server;
import io.lbclient.ServerSnapshot;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ReporterTest {
    private final Reporter reporter = new Reporter(Clock.systemUTC());

    private List<Notice> noneEligible() {
        return reporter.noneEligible(new PoolSnapshot("orders", List.of()));
    }

    private static List<Kind> kinds(List<Notice> news) {
        return news.stream().map(Notice::kind).toList();
    }

    @Test
    void noServerEndsWhenAServerComesBack() {
        reporter.healthChanged(Changes.out(1));
        assertThat(kinds(noneEligible())).containsExactly(Kind.NO_SERVER);
        assertThat(noneEligible()).isEmpty();
        assertThat(kinds(reporter.healthChanged(Changes.back(1))))
                .containsExactly(Kind.SERVER_BACK, Kind.SERVER_AVAILABLE);
        assertThat(reporter.standing()).isEmpty();
    }

    @Test
    void noServerEndsWhenAServerJoins() {
        noneEligible();
        assertThat(kinds(reporter.added("payments", Changes.server(1)))).isEmpty();
        assertThat(kinds(reporter.added("orders", Changes.server(1)))).containsExactly(Kind.SERVER_AVAILABLE);
        assertThat(kinds(reporter.added("orders", Changes.server(2)))).isEmpty();
    }

    @Test
    void noServerStandsAgainIfTheServerThatJoinedIsOutAtOnce() {
        noneEligible();
        reporter.added("orders", Changes.server(1));
        assertThat(kinds(reporter.healthChanged(Changes.failsCheck(1))))
                .containsExactly(Kind.SERVER_OUT, Kind.NO_SERVER);
        assertThat(noneEligible()).isEmpty();
    }

    @Test
    void aServerThatJoinedAndIsOutLeavesThePoolItsOthers() {
        noneEligible();
        reporter.added("orders", Changes.server(1));
        reporter.healthChanged(Changes.back(2));
        assertThat(kinds(reporter.healthChanged(Changes.failsCheck(1)))).containsExactly(Kind.SERVER_OUT);
    }

    @Test
    void aServerThatJoinedAndLeftIsNotTheOneThatSavedThePoolWhenItComesAgain() {
        noneEligible();
        reporter.added("orders", Changes.server(1));
        reporter.removed("orders", Changes.server(1));
        reporter.added("orders", Changes.server(1));
        assertThat(kinds(reporter.healthChanged(Changes.failsCheck(1)))).containsExactly(Kind.SERVER_OUT);
    }

    @Test
    void aSummaryDoesNotCountLessThanTheUnsentOneThatItStandsInFor() {
        Notice out = reporter.healthChanged(Changes.out(1)).get(0);
        Notice unsent = out.changed(10, 120);

        assertThat(out.changed(3, 60).after(unsent).counts()).isEqualTo(unsent.counts());
        assertThat(out.changed(30, 60).after(unsent).counts().changes()).isEqualTo(30);
    }

    @Test
    void ofManyServersThatAreOutTheFirstFiveAreNamed() {
        List<ServerSnapshot> servers = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            servers.add(ejected(Server.of("10.0.0." + i, 80)));
        }

        assertThat(Words.panic(new PoolSnapshot("orders", servers), Set.of(0)))
                .startsWith("7 of 7 servers of tier 0 are out: 10.0.0.1:80 EJECTED (failures), ")
                .endsWith(", 10.0.0.5:80 EJECTED (failures) and 2 more");
    }

    private static ServerSnapshot ejected(Server server) {
        return new ServerSnapshot(
                server, HealthState.EJECTED, Set.of(), "failures", null, null, null, 1.0, 0, 0, 0.0, 0, 0, 0.0);
    }

    @Test
    void aServerThatLeavesWhileItIsOutEndsItsAlert() {
        reporter.healthChanged(Changes.out(1));
        List<Notice> news = reporter.removed("orders", Changes.server(1));
        assertThat(news).singleElement().satisfies(notice -> {
            assertThat(notice.kind()).isEqualTo(Kind.SERVER_REMOVED);
            assertThat(notice.text()).isEqualTo("orders: server 10.0.0.1:1 left the pool while it was out");
            assertThat(notice.counts().out()).isZero();
        });
        assertThat(reporter.removed("orders", Changes.server(1))).isEmpty();
    }

    @Test
    void aHealthyServerThatJoinsOrLeavesIsNoNews() {
        assertThat(reporter.added("orders", Changes.server(1))).isEmpty();
        assertThat(reporter.removed("orders", Changes.server(1))).isEmpty();
    }

    @Test
    void aServerThatWentOutBeforeTheListenerCameIsStillToldToBeBack() {
        assertThat(kinds(reporter.healthChanged(Changes.back(1)))).containsExactly(Kind.SERVER_BACK);
    }

    @Test
    void whatStandsIsBoundedAndTheOldestIsForgottenFirst() {
        Server server = Server.of("10.0.0.1", 1);
        for (int i = 0; i <= Reporter.MAX_STANDING; i++) {
            reporter.healthChanged(Changes.out(server.withId("s" + i), ""));
        }
        List<Notice> standing = reporter.standing();
        assertThat(standing).hasSize(Reporter.MAX_STANDING);
        assertThat(standing.get(0).alert().key().server()).isEqualTo("s1");
        assertThat(standing.get(Reporter.MAX_STANDING - 1).counts().out()).isEqualTo(Reporter.MAX_STANDING);
    }
}
