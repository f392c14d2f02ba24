package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.balancer.Balancers;
import io.lbclient.session.Shop.Ask;
import io.lbclient.session.Shop.Visit;
import io.lbclient.session.Way.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every session that is remembered, however it is. */
class StickinessTest {
    @ParameterizedTest
    @EnumSource
    void aSessionStaysWhereItBegan(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c")) {
            List<Session> sessions = way.sessions(shop, 30);

            assertThat(sessions).extracting(s -> s.home).contains("a", "b", "c");
            for (int round = 0; round < 5; round++) {
                assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo(s.home));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheSessionsOfAnEjectedServerMoveAndTheyStayWhereTheyWent(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c")) {
            List<Session> sessions = way.sessions(shop, 30);
            shop.eject("b");
            Map<Session, String> moved = new HashMap<>();
            for (Session session : sessions) {
                String server = session.visit();
                if (session.home.equals("b")) {
                    assertThat(server).isIn("a", "c");
                    moved.put(session, server);
                } else {
                    assertThat(server).isEqualTo(session.home);
                }
            }
            shop.readmit("b");

            assertThat(moved).hasSize(10);
            assertThat(moved)
                    .allSatisfy((session, server) -> assertThat(session.visit()).isEqualTo(server));
            assertThat(way.sessions(shop, 60).subList(30, 60))
                    .extracting(s -> s.home)
                    .contains("b");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSessionsOfARemovedServerMove(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b")) {
            List<Session> sessions = way.sessions(shop, 10);
            shop.pool.remove("a");
            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo("b"));
            shop.pool.add(Shop.server("a"));

            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo("b"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSessionsOfADisabledServerMove(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b")) {
            List<Session> sessions = way.sessions(shop, 10);
            shop.pool.operator("anna").disable("a");

            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo("b"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDrainingServerKeepsItsSessionsUntilItsTimeIsOverAndGetsNoNewOnes(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b")) {
            List<Session> sessions = way.sessions(shop, 10);
            CompletableFuture<Void> drained = shop.pool.drain("a", Duration.ofMinutes(2));
            shop.advance(Duration.ofSeconds(119));

            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo(s.home));
            assertThat(IntStream.range(100, 110).mapToObj(i -> way.start(shop, i).home))
                    .containsOnly("b");
            assertThat(drained).isNotDone();

            shop.advance(Duration.ofSeconds(1));
            assertThat(drained).isCompleted();
            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo("b"));
        }
    }

    @Test
    void aDrainByAnOperatorAndOneWithoutATimeKeepSessionsForTheAffinitysTime() {
        Way way = Way.COOKIE;
        try (Shop shop = new Shop(way.builder().drainTime(Duration.ofMinutes(7)), "a", "b", "c")) {
            List<Session> sessions = way.sessions(shop, 9);
            shop.pool.operator("anna").drain("a");
            shop.pool.drain("b");
            shop.advance(Duration.ofMinutes(7).minusNanos(1));
            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo(s.home));
            shop.advance(Duration.ofNanos(1));

            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo("c"));
        }
    }

    @Test
    void aDrainingServerThatIsEjectedKeepsNothing() {
        Way way = Way.LEARNED;
        try (Shop shop = new Shop(way.builder(), "a", "b")) {
            List<Session> sessions = way.sessions(shop, 4);
            shop.pool.drain("a", Duration.ofMinutes(2));
            shop.eject("a");

            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo("b"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void strictSessionsFailRatherThanMove(Way way) {
        try (Shop shop = new Shop(way.builder().strict(), "a", "b")) {
            List<Session> sessions = way.sessions(shop, 10);
            shop.eject("a");

            for (Session session : sessions) {
                if (session.home.equals("a")) {
                    assertThatExceptionOfType(NoServerAvailableException.class)
                            .isThrownBy(session::visit)
                            .withMessage("shop: the session's server may not be used (strict affinity)");
                } else {
                    assertThat(session.visit()).isEqualTo("b");
                }
            }
            shop.readmit("a");
            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo(s.home));
        }
    }

    @Test
    void aRetryOfAStrictSessionGoesToTheSameServer() {
        Way way = Way.CLAIM;
        try (Shop shop = new Shop(way.builder().strict(), "a", "b", "c")) {
            Session session = way.start(shop, 1);
            Attempt attempt = shop.pool.pick(session.ask);
            attempt.complete(Outcome.FAILURE);

            assertThat(attempt.hasAnother()).isFalse();
            assertThat(attempt.another().server().id()).isEqualTo(session.home);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRetryThatIsAnsweredElsewhereMovesNobody(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c")) {
            Session session = way.start(shop, 1);
            Attempt attempt = shop.pool.pick(session.ask);
            attempt.complete(Outcome.FAILURE);
            Attempt again = attempt.another();
            assertThat(again.server().id()).isNotEqualTo(session.home);
            assertThat(Shop.finish(again, Map.of()).tokens()).isEmpty();

            assertThat(session.visit()).isEqualTo(session.home);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSessionWhoseServerRefusedTheConnectionMovesOnceAndNotTwice(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c", "d")) {
            Session session = way.start(shop, 1);
            Attempt attempt = shop.pool.pick(session.ask);
            attempt.complete(Outcome.CONNECT_FAILURE);
            Attempt again = attempt.another();
            session.ask = way.next(session.ask, Shop.finish(again, Map.of()));

            assertThat(again.server().id()).isNotEqualTo(session.home);
            assertThat(IntStream.range(0, 9).mapToObj(i -> session.visit()))
                    .containsOnly(again.server().id());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"COOKIE", "HEADER", "CLAIM"})
    void aNewSessionIsWhereItWasAnsweredAndNotWhereItWasTriedFirst(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c")) {
            Attempt attempt = shop.pool.pick(way.first(1));
            attempt.complete(Outcome.CONNECT_FAILURE);
            Attempt again = attempt.another();
            Visit visit = Shop.finish(again, Map.of());
            shop.pool.operator("anna").enable(attempt.server().id());

            Ask next = way.next(way.begin(1), visit);
            assertThat(visit.server()).isNotEqualTo(attempt.server().id());
            assertThat(IntStream.range(0, 9).mapToObj(i -> shop.visit(next).server()))
                    .containsOnly(visit.server());
        }
    }

    @ParameterizedTest
    @EnumSource
    void requestsOfSessionsTakeNobodysTurn(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c")) {
            Session busy = way.start(shop, 1);
            List<String> others = new ArrayList<>();
            for (int i = 100; i < 109; i++) {
                busy.visit();
                others.add(way.start(shop, i).home);
                busy.visit();
                busy.visit();
            }

            assertThat(others.subList(3, 6)).isEqualTo(others.subList(0, 3)).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(others.subList(6, 9)).isEqualTo(others.subList(0, 3));
        }
    }

    @Test
    void aTrialIsLeftToThoseWhoHaveNoSession() {
        Way way = Way.COOKIE;
        try (Shop shop = new Shop(way.builder(), "a", "b")) {
            Session session = way.start(shop, 1);
            String other = session.home.equals("a") ? "b" : "a";
            shop.eject(other);
            shop.offerTrial(other);

            assertThat(IntStream.range(0, 5).mapToObj(i -> session.visit())).containsOnly(session.home);
            assertThat(shop.visit(Ask.ANEW).server()).isEqualTo(other);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whenEveryServerIsThoughtToBeBadSessionsStayNevertheless(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c")) {
            List<Session> sessions = way.sessions(shop, 9);
            List.of("a", "b", "c").forEach(shop::eject);

            assertThat(sessions).allSatisfy(s -> assertThat(s.visit()).isEqualTo(s.home));
        }
    }

    @Test
    void theFirstWayThatNamesAUsableServerDecidesAndTheOthersAreBoundToo() {
        InMemoryStore store = new InMemoryStore();
        SessionAffinityBuilder both =
                SessionAffinity.builder().cookie("lb", TokenKeys.of(Shop.KEY)).learnedCookie("sid", store);
        try (Shop shop = new Shop(both, "a", "b", "c")) {
            Visit begun = shop.visit(Ask.ANEW, Map.of("set-cookie", "sid=1"));
            Ask learnedOnly = Ask.cookie("sid", "1");
            Visit second = shop.visit(learnedOnly);

            assertThat(second.server()).isEqualTo(begun.server());
            // It lacked the cookie, so it gets one for the same server.
            assertThat(shop.visit(Ask.cookie("lb", second.token())).server()).isEqualTo(begun.server());
            Ask contradiction = learnedOnly.andCookie("lb", other(shop, begun.server()));
            assertThat(shop.visit(contradiction).server()).isNotEqualTo(begun.server());
        }
    }

    /** A cookie for another server. */
    private static String other(Shop shop, String server) {
        for (int i = 0; i < 100; i++) {
            Visit visit = shop.visit(Ask.ANEW);
            if (!visit.server().equals(server)) {
                return visit.token();
            }
        }
        throw new AssertionError("every new session goes to " + server);
    }

    @Test
    void aServerTakesAtMostItsBoundedPartOfTheNewSessions() {
        Way way = Way.COOKIE;
        // A strategy that likes one server best.
        SessionAffinityBuilder bounded = way.builder().boundedLoad(1.25);
        try (Shop shop = new Shop(bounded, Balancers.firstAvailable(), "a", "b", "c", "d")) {
            Map<String, Integer> begun = new HashMap<>();
            for (int i = 0; i < 10_000; i++) {
                begun.merge(way.start(shop, i).home, 1, Integer::sum);
                begun.forEach((server, count) -> assertThat(count).isLessThanOrEqualTo((int) Math.ceil(
                        1.25 / 4 * begun.values().stream().mapToInt(n -> n).sum())));
            }
            assertThat(begun.get("a")).isBetween(3_100, 3_125);
        }
    }

    @Test
    void aNewcomerIsNotOwedWhatTheOthersHadBefore() {
        Way way = Way.COOKIE;
        try (Shop shop = new Shop(way.builder().boundedLoad(1.25), Balancers.roundRobin(), "a", "b")) {
            way.sessions(shop, 1_000);
            shop.pool.add(Shop.server("c"));
            Map<String, Integer> begun = new HashMap<>();
            way.sessions(shop, 300).forEach(s -> begun.merge(s.home, 1, Integer::sum));

            assertThat(begun.values()).allSatisfy(count -> assertThat(count).isBetween(99, 101));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CLAIM", "LEARNED"})
    void requestsThatLoseTheirServerTogetherMoveTogether(Way way) {
        try (Shop shop = new Shop(way.builder(), "a", "b", "c", "d")) {
            Session session = way.start(shop, 1);
            shop.eject(session.home);
            List<Attempt> atOnce =
                    Stream.generate(() -> shop.pool.pick(session.ask)).limit(3).toList();

            assertThat(atOnce)
                    .extracting(attempt -> attempt.server().id())
                    .doesNotContain(session.home)
                    .containsOnly(atOnce.get(0).server().id());
            atOnce.forEach(Attempt::close);
        }
    }

    @Test
    void aSessionIsWhereItsIdWasSetLast() {
        try (Shop shop = new Shop(Way.LEARNED.builder(), "a", "b", "c")) {
            Map<String, String> answer = Way.LEARNED.answer(1);
            String before = shop.visit(Ask.ANEW, answer).server();
            String last = shop.visit(Ask.ANEW, answer).server();

            assertThat(last).isNotEqualTo(before);
            assertThat(shop.visit(Way.LEARNED.begin(1)).server()).isEqualTo(last);
        }
    }

    @Test
    void anEmptyIdIsNoSession() {
        try (Shop shop = new Shop(Way.CLAIM.builder(), "a", "b")) {
            Ask empty = Ask.header("sid", "");
            String first = shop.visit(empty).server();

            assertThat(shop.visit(empty).server()).isNotEqualTo(first);
        }
    }

    @Test
    void aStrictSessionFailsAlsoIfOnlyOneOfItsWaysNamesAServer() {
        SessionAffinityBuilder two = Way.COOKIE.builder().strict();
        two.key("sid", request -> request.header("sid"), new InMemoryStore());
        try (Shop shop = new Shop(two, "a", "b")) {
            Visit begun = shop.visit(Ask.ANEW);
            shop.eject(begun.server());

            assertThatExceptionOfType(NoServerAvailableException.class)
                    .isThrownBy(() -> shop.visit(Ask.cookie("lb", begun.token())));
        }
    }

    @Test
    void aFullServerIsPassedOverForOneRequestAndKeepsTheSession() {
        Way way = Way.COOKIE;
        try (Shop shop = new Shop(way.builder(), "a", "b")) {
            Session session = way.start(shop, 1);
            shop.limit(session.home, 1);
            Attempt holding = shop.pool.pick(session.ask);
            String meanwhile = session.visit();
            holding.complete(Outcome.SUCCESS);

            assertThat(holding.server().id()).isEqualTo(session.home);
            assertThat(meanwhile).isNotEqualTo(session.home);
            assertThat(session.visit()).isEqualTo(session.home);
        }
    }
}
