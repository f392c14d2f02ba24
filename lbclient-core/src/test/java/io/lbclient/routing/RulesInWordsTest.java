package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What rules and routers say of themselves: when they are printed, when they explain, and when they refuse. */
@Timeout(60)
class RulesInWordsTest extends Pools {
    private final ServerPool main = pool("main");
    private final ServerPool other = pool("other");

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
        assertThatIllegalArgumentException().isThrownBy(() -> Condition.path("/" + "a".repeat(4096)));
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
        Rule nameless = Rule.named(RuleSet.DEFAULT).to(main).build();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> RuleSet.builder().rule(nameless).otherwise(main).build());
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
                        .rule(rule("admin", Condition.pathPrefix("/admin"), other))
                        .rule(rule(
                                "beta",
                                Condition.method("GET")
                                        .and(Condition.header("x-beta").is("yes")),
                                other))
                        .rule(rule("session", Condition.cookie("sid").is("top-secret"), other))
                        .rule(rule("rest", Condition.not(Condition.path("/x")), main))
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
    void aQueryThatAViewLeavesOnItsPathIsNotTold() {
        Router router = Router.of("shop", RuleSet.builder().otherwiseFail().build());
        assertThatExceptionOfType(NoRouteException.class)
                .isThrownBy(() -> router.route(Ask.get("/a?token=S3CRET")))
                .withMessage("shop: none of 0 rules matches (GET \"/a\")");
        assertThat(router.explain(Ask.get("/a?token=S3CRET")).toString()).doesNotContain("S3CRET");
    }
}
