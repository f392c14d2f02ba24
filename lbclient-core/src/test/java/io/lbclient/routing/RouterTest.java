package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.PoolView;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RouterTest {
    private final Pools pools = new Pools();
    private final ServerPool main = pools.pool("main");
    private final ServerPool other = pools.pool("other");

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void theFirstRuleInTheirOrderDecides() {
        Router router = Router.of(
                "test",
                RuleSet.builder()
                        .rule(Rule.named("wide")
                                .when(Condition.pathPrefix("/a"))
                                .to(main)
                                .build())
                        .rule(Rule.named("narrow")
                                .when(Condition.path("/a/b"))
                                .to(other)
                                .build())
                        .rule(Rule.named("b")
                                .when(Condition.path("/b"))
                                .to(other)
                                .build())
                        .rule(Rule.named("all").to(main).build())
                        .rule(Rule.named("never")
                                .when(Condition.path("/c"))
                                .to(other)
                                .build())
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
                .rule(Rule.named("a").when(Condition.path("/a")).to(main).build())
                .otherwiseFail()
                .build());
        assertThatExceptionOfType(NoRouteException.class)
                .isThrownBy(() -> router.route(Ask.get("/b\r\n").at("h")))
                .withMessage("shop: the path is refused: a control character (GET \"h\" \"/b\\u000d\\u000a\")")
                .withNoCause()
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }

    @Test
    void settingsAreRefusedWhereTheyAreGiven() {
        Rule.Builder rule = Rule.named("a");
        assertThatIllegalArgumentException()
                .isThrownBy(rule::build)
                .withMessage("rule: a (expected: a destination: to, or chooseByHint)");
        assertThatIllegalArgumentException().isThrownBy(() -> Rule.named("a b")).withMessageContaining("visible ASCII");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule.mirror(0, main))
                .withMessage("share: 0.0 (expected: > 0 and <= 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> rule.mirror(Double.NaN, main));
        assertThatIllegalArgumentException().isThrownBy(() -> rule.to(Split.by(SplitKey.none())));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule.to(Split.by(SplitKey.none()).share(0, main)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Split.by(SplitKey.none()).share(-1, main))
                .withMessage("weight: -1.0 (expected: finite and >= 0)");
        assertThatIllegalArgumentException().isThrownBy(() -> rule.chooseByHint(r -> "x", Map.of(), main));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Condition.path("/a/"))
                .withMessage("path: \"/a/\" (expected: a decoded path in its one form, such as \"/a\")");
        assertThatIllegalArgumentException().isThrownBy(() -> Condition.host("*"));
        assertThatIllegalArgumentException().isThrownBy(() -> Condition.header(""));
        assertThatIllegalArgumentException().isThrownBy(() -> Condition.method());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Condition.header("x").is());
        Rule same = Rule.named("same").to(main).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        RuleSet.builder().rule(same).rule(same).otherwise(main).build())
                .withMessage("rule: same (expected: a name of its own)");
    }

    @Test
    void rulesArePrintedReadably() {
        RuleSet rules = RuleSet.builder()
                .rule(Rule.named("canary")
                        .when(Condition.pathPrefix("/api")
                                .and(Condition.not(Condition.cookie("stable").isPresent())))
                        .to(Split.by(SplitKey.header("X-User")).share(95, main).share(5, other))
                        .fallback(main)
                        .mirror(0.1, other)
                        .build())
                .rule(Rule.named("hinted")
                        .chooseByHint(
                                new Hint() {
                                    @Override
                                    public String read(RequestView request) {
                                        return "eu";
                                    }

                                    @Override
                                    public String toString() {
                                        return "region";
                                    }
                                },
                                new LinkedHashMap<>(Map.of("eu", other)),
                                main)
                        .build())
                .otherwiseFail()
                .build();

        assertThat(rules).hasToString("""
                1. canary: path prefix /api and not (cookie stable is present) -> split by header x-user: 95.00% main, \
                5.000% other, or else main, 10.00% mirrored to other
                2. hinted: any request -> by the unverified hint region: eu -> other, otherwise main
                otherwise an error""");
    }

    @Test
    void anExplanationSaysWhyEarlierRulesDoNotDecideAndHoldsNoSecret() {
        Router router = Router.of(
                "shop",
                RuleSet.builder()
                        .rule(Rule.named("admin")
                                .when(Condition.pathPrefix("/admin"))
                                .to(other)
                                .build())
                        .rule(Rule.named("beta")
                                .when(Condition.method("GET")
                                        .and(Condition.header("x-beta").is("yes")))
                                .to(other)
                                .build())
                        .rule(Rule.named("session")
                                .when(Condition.cookie("sid").is("top-secret"))
                                .to(other)
                                .build())
                        .rule(Rule.named("rest")
                                .when(Condition.not(Condition.path("/x")))
                                .to(main)
                                .build())
                        .otherwiseFail()
                        .build());

        Explanation explanation =
                router.explain(Ask.get("/a//b").header("x-beta", "S3CRET").query("token", "S3CRET"));
        assertThat(explanation).hasToString("""
                shop: GET "/a//b", compared as "/a/b"
                  - admin: the path is not at or below /admin
                  - beta: header x-beta is another (expected: is yes)
                  - session: cookie sid is absent (expected: is top-secret)
                  + rest: not (path /x)
                  rest -> main (main)""");
        assertThat(router.explain(Ask.get("/x")).toString())
                .contains("- rest: it is excluded: path /x")
                .endsWith("no rule matches; that is an error");
        assertThat(router.explain(Ask.get("/%00")).toString())
                .endsWith("the path is refused: a control character; that is an error");
        assertThat(router.explain(Ask.get("/x")).decision()).isNull();
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
        ServerPool pool = pools.pool("viewed");
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
    }

    @Test
    void aHintChoosesOnlyAmongThePoolsOfItsRule() {
        Router router = Router.of(
                "test",
                RuleSet.builder()
                        .rule(Rule.named("api")
                                .when(Condition.pathPrefix("/api"))
                                .chooseByHint(
                                        request -> {
                                            String hint = request.header("hint");
                                            if ("throw".equals(hint)) {
                                                throw new IllegalStateException("a stranger's doing");
                                            }
                                            return hint;
                                        },
                                        Map.of("eu", other),
                                        main)
                                .build())
                        .rule(Rule.named("admin")
                                .when(Condition.pathPrefix("/admin"))
                                .to(pools.pool("admin"))
                                .build())
                        .otherwiseFail()
                        .build());
        assertThat(router.route(Ask.get("/api").header("hint", "eu"))
                        .destination()
                        .pool())
                .isSameAs(other);
        for (String said : List.of("admin", "us", "", "throw")) {
            assertThat(router.route(Ask.get("/api").header("hint", said))
                            .destination()
                            .pool())
                    .isSameAs(main);
        }
        assertThat(router.route(Ask.get("/api")).destination().pool()).isSameAs(main);
    }

    @Test
    void aPredicateOrAReaderThatThrowsFailsNoRequest() {
        Router router = Router.of(
                "test",
                RuleSet.builder()
                        .claims(request -> {
                            throw new IllegalStateException("broken");
                        })
                        .rule(Rule.named("throws")
                                .when(Condition.matching("broken", r -> {
                                    throw new IllegalStateException("broken");
                                }))
                                .to(other)
                                .build())
                        .rule(Rule.named("not-throws")
                                .when(Condition.not(Condition.matching("broken", r -> {
                                    throw new IllegalStateException("broken");
                                })))
                                .to(other)
                                .build())
                        .rule(Rule.named("claim")
                                .when(Condition.claim("role").is("admin"))
                                .to(other)
                                .build())
                        .otherwise(main)
                        .build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
        assertThat(router.explain(Ask.get("/")).toString())
                .contains("- throws: a user's function threw java.lang.IllegalStateException");
    }

    @Test
    void claimsThatThrowOrAreNullFailNoRequestHoweverManyRulesAskForThem() {
        RuleSet.Builder rules = RuleSet.builder().otherwise(main);
        for (int i = 0; i < 10; i++) {
            rules.rule(Rule.named("tenant-" + i)
                    .when(Condition.claim("tenant").is("t" + i))
                    .to(other)
                    .build());
        }
        Router router = Router.of(
                "test",
                rules.claims(request -> name -> {
                            throw new IllegalStateException("broken");
                        })
                        .build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
        router.replace(rules.claims(request -> name -> null).build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
        router.replace(rules.claims(request -> null).build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
    }

    @Test
    void aQueryThatAViewLeavesOnItsPathIsNotTold() {
        Router router = Router.of("shop", RuleSet.builder().otherwiseFail().build());
        assertThatExceptionOfType(NoRouteException.class)
                .isThrownBy(() -> router.route(Ask.get("/a?token=S3CRET")))
                .withMessage("shop: none of 0 rules matches (GET \"/a\")");
        assertThat(router.explain(Ask.get("/a?token=S3CRET")).toString()).doesNotContain("S3CRET");
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
                .rule(Rule.named("nested").when(nested).to(other).build())
                .otherwise(main)
                .build();
        Router router = Router.of("test", rules);
        assertThat(router.route(Ask.get("/last/29")).rule()).isEqualTo("nested");
        assertThat(router.route(Ask.get("/last/3")).rule()).isEqualTo(RuleSet.DEFAULT);
    }

    @Test
    void claimsAreReadOnceAndOnlyIfARuleNeedsThem() {
        AtomicInteger read = new AtomicInteger();
        Router router = Router.of(
                "test",
                RuleSet.builder()
                        .claims(request -> {
                            read.incrementAndGet();
                            return name -> List.of("user");
                        })
                        .rule(Rule.named("static")
                                .when(Condition.pathPrefix("/static"))
                                .to(main)
                                .build())
                        .rule(Rule.named("admin")
                                .when(Condition.claim("role").is("admin"))
                                .to(other)
                                .build())
                        .rule(Rule.named("user")
                                .when(Condition.claim("role").is("user"))
                                .to(other)
                                .build())
                        .otherwise(main)
                        .build());
        router.route(Ask.get("/static/x"));
        assertThat(read).hasValue(0);
        assertThat(router.route(Ask.get("/x")).rule()).isEqualTo("user");
        assertThat(read).hasValue(1);
    }

    @Test
    void rulesAreReplacedAsAWholeWhileRequestsAreRouted() throws Exception {
        RuleSet one = RuleSet.builder()
                .rule(Rule.named("one").when(Condition.path("/a")).to(main).build())
                .otherwise(main)
                .build();
        RuleSet two = RuleSet.builder()
                .rule(Rule.named("two").when(Condition.path("/b")).to(other).build())
                .otherwise(other)
                .build();
        Router router = Router.of("test", one);
        Map<String, List<String>> whole = Map.of(
                "/a", List.of("one -> main", "(default) -> other"), "/b", List.of("(default) -> main", "two -> other"));
        AtomicReference<String> wrong = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(2);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 100_000; i++) {
                    String path = i % 2 == 0 ? "/a" : "/b";
                    String decision = router.route(Ask.get(path)).toString();
                    if (!whole.get(path).contains(decision)) {
                        wrong.set(path + " " + decision);
                    }
                }
                done.countDown();
            });
            threads.add(thread);
            thread.start();
        }
        for (int i = 0; done.getCount() > 0; i++) {
            router.replace(i % 2 == 0 ? two : one);
        }
        done.await();
        assertThat(wrong).hasValue(null);
        router.replace(two);
        assertThat(router.rules()).isSameAs(two);
        assertThat(router.route(Ask.get("/b")).rule()).isEqualTo("two");
    }
}
