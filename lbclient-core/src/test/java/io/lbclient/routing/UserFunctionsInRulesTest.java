package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.ServerPool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Predicates, hints and readers of claims are the user's: they are asked no more than needed, and fail no request. */
@Timeout(60)
class UserFunctionsInRulesTest extends Pools {
    private final ServerPool main = pool("main");
    private final ServerPool other = pool("other");

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
                        .rule(rule("admin", Condition.pathPrefix("/admin"), pool("admin")))
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
                        .rule(rule(
                                "throws",
                                Condition.matching("broken", r -> {
                                    throw new IllegalStateException("broken");
                                }),
                                other))
                        .rule(rule(
                                "not-throws",
                                Condition.not(Condition.matching("broken", r -> {
                                    throw new IllegalStateException("broken");
                                })),
                                other))
                        .rule(rule("claim", Condition.claim("role").is("admin"), other))
                        .otherwise(main)
                        .build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
        assertThat(router.explain(Ask.get("/")).toString())
                .contains("- throws: a user's function threw java.lang.IllegalStateException");
    }

    private List<Rule> tenants() {
        return IntStream.range(0, 10)
                .mapToObj(i -> rule("tenant-" + i, Condition.claim("tenant").is("t" + i), other))
                .toList();
    }

    @Test
    void claimsThatThrowOrAreNullFailNoRequestHoweverManyRulesAskForThem() {
        RuleSet.Builder rules = RuleSet.builder().otherwise(main).rules(tenants());
        Router router = Router.of(
                "test",
                rules.claims(request -> name -> {
                            throw new IllegalStateException("broken");
                        })
                        .build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
        AtomicInteger read = new AtomicInteger();
        router.replace(rules.rules(List.of(rule("role", Condition.claim("role").is("admin"), other)))
                .claims(request -> {
                    throw new IllegalStateException("broken for the time " + read.incrementAndGet());
                })
                .build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
        assertThat(read).as("a reader that throws is not asked again").hasValue(1);
        router.replace(rules.claims(request -> name -> null).build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
        router.replace(rules.claims(request -> null).build());
        assertThat(router.route(Ask.get("/")).rule()).isEqualTo(RuleSet.DEFAULT);
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
                        .rule(rule("static", Condition.pathPrefix("/static"), main))
                        .rule(rule("admin", Condition.claim("role").is("admin"), other))
                        .rule(rule("user", Condition.claim("role").is("user"), other))
                        .rules(tenants())
                        .otherwise(main)
                        .build());
        router.route(Ask.get("/static/x"));
        assertThat(read).hasValue(0);
        assertThat(router.route(Ask.get("/x")).rule()).isEqualTo("user");
        assertThat(read).hasValue(1);
    }
}
