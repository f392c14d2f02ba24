package io.lbclient.re2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** S11. A backtracking engine would be busy with one of these inputs for longer than the universe is old. */
@Timeout(60)
class Re2Test {
    @Test
    void anExpressionMatchesAllOfATextOrFindsAPart() {
        assertThat(Re2.matches("/v[0-9]+/items")).accepts("/v1/items").rejects("/v1/items/7", "x/v1/items");
        assertThat(Re2.finds("(?i)bot|crawler")).accepts("GoogleBOT/2.1").rejects("Firefox");
        assertThat(Re2.finds("bot")).hasToString("a part of bot");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){25}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a*)*b"})
    void expressionsThatMakeABacktrackingEngineHangEndAtOnce(String expression) {
        String hostile = "a".repeat(20_000) + "!";

        assertThat(Re2.matches(expression)).rejects(hostile);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a)\\1", "(?=a)b", "(", "a{2000}", "[z-a]", "(?<!a)b"})
    void whatNeedsBacktrackingOrIsMalformedIsRefused(String expression) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Re2.matches(expression))
                .withMessageStartingWith("expression: " + expression + " (expected: RE2's syntax; ");
    }

    @Test
    void anExpressionOfMoreThanAThousandCharactersIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Re2.finds("a".repeat(1001)))
                .withMessage("expression: 1001 characters (expected: at most 1000)");
    }

    @Test
    void rulesTakeExpressionsForPathsAndHeaders() {
        try (ServerPool one = ServerPool.builder("one").build();
                ServerPool other = ServerPool.builder("other").build()) {
            Router router = Router.of(
                    "shop",
                    RuleSet.builder()
                            .rule(Rule.named("items")
                                    .when(Condition.pathMatches(Re2.matches("/v[0-9]+/items/[^/]+")))
                                    .to(one)
                                    .build())
                            .otherwise(other)
                            .build());

            assertThat(router.route(path("/v12/items//7/")).rule()).isEqualTo("items");
            assertThat(router.route(path("/v12/items/7/8")).rule()).isEqualTo(RuleSet.DEFAULT);
            assertThat(router.rules().toString()).contains("path matches all of /v[0-9]+/items/[^/]+ -> one");
        }
    }

    private static RequestView path(String path) {
        return new RequestView() {
            @Override
            public String path() {
                return path;
            }
        };
    }
}
