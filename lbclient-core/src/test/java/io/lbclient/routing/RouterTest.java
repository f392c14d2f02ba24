package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.PoolView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which rule decides, and where that leads. */
@Timeout(60)
class RouterTest extends Pools {
    private final ServerPool main = pool("main");
    private final ServerPool other = pool("other");

    @Test
    void theFirstRuleInTheirOrderDecides() {
        Router router = Router.of(
                "test",
                RuleSet.builder()
                        .rule(rule("wide", Condition.pathPrefix("/a"), main))
                        .rule(rule("narrow", Condition.path("/a/b"), other))
                        .rule(rule("b", Condition.path("/b"), other))
                        .rule(Rule.named("all").to(main).build())
                        .rule(rule("never", Condition.path("/c"), other))
                        .otherwiseFail()
                        .build());

        assertThat(router.route(Ask.get("/a/b")).rule()).isEqualTo("wide");
        assertThat(router.route(Ask.get("/b")).rule()).isEqualTo("b");
        assertThat(router.route(Ask.get("/c")).rule()).isEqualTo("all");
    }

    @Test
    void whatHappensWithoutAMatchHasToBeSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RuleSet.builder().build())
                .withMessage("otherwise: not set (expected: otherwise or otherwiseFail)");
        Router router = Router.of("shop", RuleSet.builder().otherwise(main).build());
        assertThat(router.route(Ask.get("/")).destination().pool()).isSameAs(main);
        router.replace(RuleSet.builder()
                .rule(rule("a", Condition.path("/a"), main))
                .otherwiseFail()
                .build());
        assertThatExceptionOfType(NoRouteException.class)
                .isThrownBy(() -> router.route(Ask.get("/b\r\n").at("h")))
                .withMessage("shop: the path is refused: a control character (GET \"h\" \"/b\\u000d\\u000a\")")
                .withNoCause()
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }

    @Test
    void theFallbackIsPickedWhenNobodyIsLeft() {
        ServerPool empty = ServerPool.builder("empty").build();
        try (empty) {
            Router router = Router.of(
                    "test",
                    RuleSet.builder()
                            .rule(Rule.named("a")
                                    .when(Condition.path("/a"))
                                    .to(empty)
                                    .fallback(main)
                                    .build())
                            .otherwise(empty)
                            .build());
            try (Attempt attempt = router.pick(Ask.get("/a"))) {
                assertThat(attempt.server())
                        .isEqualTo(main.snapshot().servers().get(0).server());
            }
            assertThatExceptionOfType(NoServerAvailableException.class).isThrownBy(() -> router.pick(Ask.get("/b")));
            empty.add(Server.of("10.0.0.1", 80));
            try (Attempt attempt = router.pick(Ask.get("/a"))) {
                assertThat(attempt.server().host()).isEqualTo("10.0.0.1");
            }
        }
    }

    @Test
    void aViewIsADestinationToo() {
        ServerPool pool = pool("viewed");
        pool.update(List.of(Server.of("10.0.0.1", 80).withTag("role", "primary"), Server.of("10.0.0.2", 80)));
        try (PoolView view = pool.view(server -> server.tags().containsKey("role"))) {
            Router router = Router.of(
                    "test",
                    RuleSet.builder()
                            .rule(Rule.named("writes")
                                    .when(Condition.method("POST"))
                                    .to(pool, view)
                                    .build())
                            .otherwise(pool)
                            .build());
            for (int i = 0; i < 20; i++) {
                try (Attempt attempt = router.pick(Ask.with("POST", "/"))) {
                    assertThat(attempt.server().host()).isEqualTo("10.0.0.1");
                }
            }
            assertThat(router.rules().destinations()).containsExactly(Destination.of(pool, view), Destination.of(pool));
        }
    }

    @Test
    void aShareIsMirroredAndTheRestIsNot() {
        Router router = Router.of(
                "test",
                RuleSet.builder()
                        .rule(Rule.named("a").to(main).mirror(0.2, other).build())
                        .otherwiseFail()
                        .build(),
                new Random(3));
        int copied = 0;
        for (int i = 0; i < 10_000; i++) {
            Destination mirror = router.route(Ask.get("/")).mirror();
            copied += mirror == null ? 0 : 1;
        }
        assertThat(copied).isBetween(1_880, 2_120);
        assertThat(router.rules().destinations()).containsExactly(Destination.of(main), Destination.of(other));
    }

    @Test
    void conditionsThatAreNestedDeeplyAreTakenApartOnlySoFar() {
        Condition nested = Condition.path("/end");
        for (int level = 0; level < 30; level++) {
            Condition some = Condition.path("/" + level);
            for (int i = 0; i < 8; i++) {
                some = some.or(Condition.path("/" + level + "/" + i));
            }
            nested = some.and(nested).or(Condition.path("/last/" + level));
        }
        RuleSet rules = RuleSet.builder()
                .rule(rule("nested", nested, other))
                .otherwise(main)
                .build();
        Router router = Router.of("test", rules);
        assertThat(router.route(Ask.get("/last/29")).rule()).isEqualTo("nested");
        assertThat(router.route(Ask.get("/last/3")).rule()).isEqualTo(RuleSet.DEFAULT);
    }

    @Test
    void rulesAreReplacedAsAWholeWhileRequestsAreRouted() throws Exception {
        RuleSet one = RuleSet.builder()
                .rule(rule("one", Condition.path("/a"), main))
                .otherwise(main)
                .build();
        RuleSet two = RuleSet.builder()
                .rule(rule("two", Condition.path("/b"), other))
                .otherwise(other)
                .build();
        Router router = Router.of("test", one);
        Map<String, List<String>> whole = Map.of(
                "/a", List.of("one -> main", "(default) -> other"), "/b", List.of("(default) -> main", "two -> other"));
        AtomicReference<String> wrong = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(2);
        Threads.run(
                3,
                thread -> thread == 2
                        ? () -> swap(router, one, two, done)
                        : () -> {
                            for (int i = 0; i < 100_000; i++) {
                                String path = i % 2 == 0 ? "/a" : "/b";
                                String decision = router.route(Ask.get(path)).toString();
                                if (!whole.get(path).contains(decision)) {
                                    wrong.set(path + " " + decision);
                                }
                            }
                            done.countDown();
                        });
        assertThat(wrong).hasValue(null);
        router.replace(two);
        assertThat(router.rules()).isSameAs(two);
        assertThat(router.route(Ask.get("/b")).rule()).isEqualTo("two");
    }

    private static void swap(Router router, RuleSet one, RuleSet two, CountDownLatch end) {
        for (int i = 0; end.getCount() > 0; i++) {
            router.replace(i % 2 == 0 ? two : one);
        }
    }
}
