package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.RequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index finds what going through the rules one by one finds, and does not look at the others. */
@Timeout(120)
class RouterIndexTest extends Pools {
    private final class Maker {
        private final Random random;

        Maker(long seed) {
            random = new Random(seed);
        }

        private String pick(String... values) {
            return values[random.nextInt(values.length)];
        }

        private String path() {
            StringBuilder path = new StringBuilder();
            for (int i = random.nextInt(4); i >= 0; i--) {
                path.append('/').append(pick("a", "b", "c", "users", "A"));
            }
            return random.nextInt(12) == 0 ? "/" : path.toString();
        }

        private String template() {
            StringBuilder path = new StringBuilder();
            for (int i = random.nextInt(4); i >= 0; i--) {
                path.append('/').append(pick("a", "b", "{x}", "{y}", "users"));
            }
            return path + pick("", "", "/**");
        }

        private Condition leaf() {
            return switch (random.nextInt(10)) {
                case 0, 1 -> Condition.path(path());
                case 2, 3 -> Condition.pathPrefix(path());
                case 4 -> Condition.pathTemplate(template());
                case 5 -> Condition.host(pick("one.test", "two.test", "*.test", "THREE.example."));
                case 6 -> Condition.method(pick("GET", "POST"));
                case 7 -> Condition.header(pick("x", "Y")).is(pick("1", "2", "3"));
                case 8 -> Condition.claim("role").is(pick("admin", "user", "guest"));
                default -> Condition.query("q").isPresent();
            };
        }

        Condition condition(int depth) {
            if (depth == 0 || random.nextInt(3) == 0) {
                return leaf();
            }
            return switch (random.nextInt(5)) {
                case 0, 1 -> condition(depth - 1).and(condition(depth - 1));
                case 2, 3 -> condition(depth - 1).or(condition(depth - 1));
                default -> Condition.not(condition(depth - 1));
            };
        }

        RuleSet rules(int count) {
            RuleSet.Builder rules = RuleSet.builder().claims(request -> {
                String token = request.header("token");
                return token == null ? Claims.NONE : name -> List.of(token.split(","));
            });
            for (int i = 0; i < count; i++) {
                rules.rule(Rule.named("rule-" + i)
                        .when(random.nextInt(200) == 0 ? Condition.any() : condition(3))
                        .to(pool("pool"))
                        .build());
            }
            if (random.nextBoolean()) {
                rules.ignorePathCase();
            }
            return rules.otherwise(pool("pool")).build();
        }

        Ask request() {
            Ask ask = Ask.with(
                    pick("GET", "POST", "PUT"),
                    random.nextInt(15) == 0 ? "" : pick("", "", "/") + path() + pick("", "", "/", "/x/..", "/%2F"));
            ask.at(pick("", "one.test", "TWO.test:8080", "three.example", "x.test"));
            if (random.nextBoolean()) {
                ask.header("x", pick("1", "2", "3", "4")).header("y", pick("1", "2"));
            }
            if (random.nextInt(3) == 0) {
                ask.header("token", pick("admin", "user", "guest,admin", "nobody"));
            }
            return random.nextInt(4) == 0 ? ask.query("q", "") : ask;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theIndexAgreesWithTheRulesOneByOne(long seed) {
        Maker maker = new Maker(seed);
        AtomicInteger decided = new AtomicInteger();
        for (int set = 0; set < 60; set++) {
            RuleSet rules = maker.rules(1 + maker.random.nextInt(set % 3 == 0 ? 200 : 20));
            RuleIndex index = new RuleIndex(rules);
            for (int i = 0; i < 200; i++) {
                Ask ask = maker.request();
                Entry found = index.first(new RoutedRequest(ask, rules));
                Entry expected = index.firstInOrder(new RoutedRequest(ask, rules), new ArrayList<>());
                if (found != expected) {
                    assertThat(found == null ? "none" : found.rule.toString())
                            .as("%s by%n%s", ask, rules)
                            .isEqualTo(expected == null ? "none" : expected.rule.toString());
                }
                decided.addAndGet(found == null ? 0 : 1);
            }
        }
        assertThat(decided).hasValueGreaterThan(3_000);
    }

    @Test
    void ofTenThousandExactAndPrefixRulesOnlyThoseOfThePathAreLookedAt() {
        AtomicInteger asked = new AtomicInteger();
        Condition counted = Condition.matching("counted", request -> {
            asked.incrementAndGet();
            return false;
        });
        RuleSet.Builder rules = RuleSet.builder();
        for (int i = 0; i < 5_000; i++) {
            rules.rule(Rule.named("exact-" + i)
                    .when(Condition.path("/exact/" + i).and(counted))
                    .to(pool("pool"))
                    .build());
            rules.rule(Rule.named("prefix-" + i)
                    .when(Condition.host("h" + i % 7 + ".test")
                            .and(Condition.pathPrefix("/prefix/" + i))
                            .and(counted))
                    .to(pool("pool"))
                    .build());
        }
        Router router = Router.of("many", rules.otherwise(pool("pool")).build());

        assertThat(router.route(Ask.get("/exact/77")).rule()).isEqualTo(RuleSet.DEFAULT);
        assertThat(asked).hasValue(1);
        router.route(Ask.get("/prefix/77/x/y").at("h0.test"));
        assertThat(asked).hasValue(2);
        router.route(Ask.get("/prefix/77/x/y").at("h1.test"));
        router.route(Ask.get("/neither/77"));
        assertThat(asked).hasValue(2);
    }

    @Test
    void ofTenThousandTenantsByHeaderOnlyTheOneIsLookedAt() {
        AtomicInteger asked = new AtomicInteger();
        RuleSet.Builder rules = RuleSet.builder();
        for (int i = 0; i < 10_000; i++) {
            int tenant = i;
            rules.rule(Rule.named("tenant-" + i)
                    .when(Condition.header("x-tenant").is("t" + i).and(Condition.matching("counted", request -> {
                        asked.incrementAndGet();
                        return tenant == 4_711;
                    })))
                    .to(pool("pool"))
                    .build());
        }
        Router router = Router.of("many", rules.otherwiseFail().build());

        assertThat(router.route(Ask.get("/").header("X-Tenant", "t4711")).rule())
                .isEqualTo("tenant-4711");
        assertThat(asked).hasValue(1);
    }

    /** S11: no input makes it more than linear, so this ends at once; a backtracking matcher would not end. */
    @Test
    void tenThousandRulesAndHostilePathsAreDecidedLikeAnyOther() {
        RuleSet.Builder rules = RuleSet.builder();
        for (int i = 0; i < 2_500; i++) {
            rules.rule(rule("exact-" + i, Condition.path("/a/a/a/" + i)));
            rules.rule(rule("prefix-" + i, Condition.pathPrefix("/a/a/" + i)));
            rules.rule(rule("template-" + i, Condition.pathTemplate("/a/{x}/{y}/a/{z}/" + i + "/**")));
            rules.rule(rule("shape-" + i, Condition.pathTemplate("/{x}/a/{y}/{z}/a/" + i)));
        }
        RuleSet set = rules.otherwise(pool("pool")).build();
        Router router = Router.of("many", set);
        List<String> hostile = List.of(
                "/a".repeat(50_000),
                "/".repeat(100_000),
                "/..".repeat(33_000),
                "/a/..".repeat(20_000),
                "/" + "a".repeat(100_000),
                "/%61".repeat(25_000),
                "/a;b".repeat(25_000),
                "/" + ";".repeat(100_000),
                "/" + "%".repeat(100_000),
                "/a/a" + "/\u00e9".repeat(40_000));
        for (String path : hostile) {
            Ask ask = Ask.get(path);
            assertThat(router.route(ask).rule()).isEqualTo(RuleSet.DEFAULT);
        }
        assertThat(router.route(Ask.get("/a/a/q/a/q/2499/rest")).rule()).isEqualTo("template-2499");
        assertThat(router.route(Ask.get("/a/a/q/q/a/2498")).rule()).isEqualTo("shape-2498");
    }

    private Rule rule(String name, Condition condition) {
        return Rule.named(name).when(condition).to(pool("pool")).build();
    }

    @Test
    void partsThatThrowLeaveTheOthersOfAnOrAndTheNegationOfItIsNotMet() {
        Condition broken = Condition.matching("broken", request -> {
            throw new IllegalStateException("broken");
        });
        Condition either =
                broken.or(Condition.path("/a")).or(Condition.header("x").is("1"));
        Router router = Router.of(
                "test",
                RuleSet.builder()
                        .rule(rule("nested", Condition.path("/b").and(either), pool("nested")))
                        .rule(rule("negated", Condition.not(either), pool("negated")))
                        .rule(rule("either", either, pool("either")))
                        .otherwise(pool("rest"))
                        .build());
        Map<Ask, String> expected = Map.of(
                Ask.get("/a"), "either",
                Ask.get("/b"), RuleSet.DEFAULT,
                Ask.get("/b").header("x", "1"), "nested",
                Ask.get("/c").header("x", "1"), "either",
                Ask.get("/c"), RuleSet.DEFAULT);
        expected.forEach((ask, rule) -> {
            assertThat(router.route(ask).rule()).as("%s", ask).isEqualTo(rule);
            assertThat(router.explain(ask).decision().rule()).as("%s", ask).isEqualTo(rule);
        });
        assertThat(router.explain(Ask.get("/c")).toString())
                .contains("- either: broken: a user's function threw java.lang.IllegalStateException");
    }

    @Test
    void aRequestThatThrowsWhenItsHeadersAreReadHasNone() {
        RuleSet.Builder rules = RuleSet.builder().otherwise(pool("rest"));
        for (int i = 0; i < 10; i++) {
            rules.rule(Rule.named("tenant-" + i)
                    .when(Condition.header("tenant").is("t" + i))
                    .to(pool("tenants"))
                    .build());
        }
        RequestView broken = new RequestView() {
            @Override
            public String header(String name) {
                throw new IllegalStateException("broken");
            }
        };
        assertThat(Router.of("test", rules.build()).route(broken).rule()).isEqualTo(RuleSet.DEFAULT);
    }
}
