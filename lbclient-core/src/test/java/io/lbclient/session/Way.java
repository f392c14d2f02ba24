package io.lbclient.session;

import io.lbclient.session.Shop.Ask;
import io.lbclient.session.Shop.Visit;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The ways with a memory, and what a session's requests look like in each. */
enum Way {
    COOKIE {
        @Override
        SessionAffinityBuilder builder() {
            return SessionAffinity.builder().cookie("lb", TokenKeys.of(Shop.KEY));
        }

        @Override
        Ask next(Ask before, Visit visit) {
            return carrying(before, visit, token -> Ask.cookie("lb", token));
        }
    },
    HEADER {
        @Override
        SessionAffinityBuilder builder() {
            return SessionAffinity.builder().header("x-lb", TokenKeys.of(Shop.KEY));
        }

        @Override
        Ask next(Ask before, Visit visit) {
            return carrying(before, visit, token -> Ask.header("x-lb", token));
        }
    },
    CLAIM {
        @Override
        SessionAffinityBuilder builder() {
            return SessionAffinity.builder().key("sid", request -> request.header("sid"), new InMemoryStore());
        }

        @Override
        Ask begin(int number) {
            return Ask.header("sid", "user-" + number);
        }
    },
    LEARNED {
        @Override
        SessionAffinityBuilder builder() {
            return SessionAffinity.builder().learnedCookie("JSESSIONID", new InMemoryStore());
        }

        @Override
        Map<String, String> answer(int number) {
            return Map.of("set-cookie", "JSESSIONID=id" + number + "; Path=/");
        }

        @Override
        Ask begin(int number) {
            return Ask.cookie("JSESSIONID", "id" + number);
        }

        @Override
        Ask first(int number) {
            return Ask.ANEW;
        }
    };

    abstract SessionAffinityBuilder builder();

    Ask begin(int number) {
        return Ask.ANEW;
    }

    Ask first(int number) {
        return begin(number);
    }

    Ask next(Ask before, Visit visit) {
        return before;
    }

    Map<String, String> answer(int number) {
        return Map.of();
    }

    private static Ask carrying(Ask before, Visit visit, Function<String, Ask> with) {
        return visit.tokens().isEmpty() ? before : with.apply(visit.token());
    }

    /** A session that has begun. */
    Session start(Shop shop, int number) {
        Visit visit = shop.visit(first(number), answer(number));
        return new Session(this, shop, next(begin(number), visit), visit.server());
    }

    List<Session> sessions(Shop shop, int count) {
        return IntStream.range(0, count).mapToObj(i -> start(shop, i)).toList();
    }

    /** A user who goes on with what each answer gave him. */
    static final class Session {
        final String home;
        Ask ask;
        private final Way way;
        private final Shop shop;

        Session(Way way, Shop shop, Ask ask, String home) {
            this.way = way;
            this.shop = shop;
            this.ask = ask;
            this.home = home;
        }

        String visit() {
            Visit visit = shop.visit(ask);
            ask = way.next(ask, visit);
            return visit.server();
        }
    }
}
