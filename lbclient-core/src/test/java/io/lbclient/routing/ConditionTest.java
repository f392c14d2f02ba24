package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.ServerPool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConditionTest extends Pools {
    private enum Tier {
        GOLD,
        SILVER
    }

    private final ServerPool main = pool("main");
    private final ServerPool other = pool("other");

    private boolean meets(Condition condition, Ask ask) {
        RuleSet rules = RuleSet.builder()
                .rule(rule("it", condition, other))
                .otherwise(main)
                .claims(request -> {
                    String token = request.header("token");
                    return token == null
                            ? Claims.NONE
                            : name -> name.equals("role") ? List.of(token.split(",")) : List.of();
                })
                .build();
        return Router.of("test", rules).route(ask).rule().equals("it");
    }

    @Test
    void eachPartOfARequestCanBeAskedFor() {
        assertThat(meets(Condition.method("GET", "HEAD"), Ask.with("HEAD", "/")))
                .isTrue();
        assertThat(meets(Condition.method("GET"), Ask.with("get", "/"))).isFalse();
        assertThat(meets(Condition.host("shop.example"), Ask.get("/").at("SHOP.example.:8443")))
                .isTrue();
        assertThat(meets(Condition.host("*.example"), Ask.get("/").at("shop.example")))
                .isTrue();
        assertThat(meets(Condition.host("*.example"), Ask.get("/").at("example")))
                .isFalse();
        assertThat(meets(Condition.host("*.example"), Ask.get("/").at(".example")))
                .isFalse();
        assertThat(meets(Condition.host("[::1]"), Ask.get("/").at("[::1]:80"))).isTrue();
        assertThat(meets(Condition.path("/a"), Ask.get("/a"))).isTrue();
        assertThat(meets(Condition.path("/a"), Ask.get("/a/b"))).isFalse();
        assertThat(meets(Condition.pathPrefix("/a"), Ask.get("/a/b"))).isTrue();
        assertThat(meets(Condition.pathPrefix("/a"), Ask.get("/ab"))).isFalse();
        assertThat(meets(Condition.pathPrefix("/"), Ask.get("/ab"))).isTrue();
        assertThat(meets(Condition.pathMatches(path -> path.endsWith(".css")), Ask.get("/x/y.css")))
                .isTrue();
        assertThat(meets(Condition.query("v").is("2"), Ask.get("/").query("v", "2")))
                .isTrue();
        assertThat(meets(Condition.header("X-A").startsWith("b"), Ask.get("/").header("x-a", "bc")))
                .isTrue();
        assertThat(meets(Condition.cookie("c").isPresent(), Ask.get("/").cookie("c", "")))
                .isTrue();
        assertThat(meets(Condition.cookie("c").isPresent(), Ask.get("/"))).isFalse();
        assertThat(meets(Condition.claim("role").is("admin"), Ask.get("/").header("token", "user,admin")))
                .isTrue();
        assertThat(meets(Condition.claim("role").is("admin"), Ask.get("/"))).isFalse();
        assertThat(meets(Condition.tag(Tier.GOLD), Ask.get("/").tagged(Tier.GOLD)))
                .isTrue();
        assertThat(meets(Condition.tag(Tier.GOLD), Ask.get("/").tagged(Tier.SILVER)))
                .isFalse();
        assertThat(meets(Condition.tag(Integer.class, n -> n > 3), Ask.get("/").tagged(4)))
                .isTrue();
        assertThat(meets(Condition.matching("get", r -> r.method().equals("GET")), Ask.get("/")))
                .isTrue();
    }

    @Test
    void aTemplateAsksForTheShape() {
        Condition users = Condition.pathTemplate("/users/{id}");
        assertThat(meets(users, Ask.get("/users/7"))).isTrue();
        assertThat(meets(users, Ask.get("/users/7/"))).isTrue();
        assertThat(meets(users, Ask.get("/users"))).isFalse();
        assertThat(meets(users, Ask.get("/users/"))).isFalse();
        assertThat(meets(users, Ask.get("/users/7/orders"))).isFalse();
        assertThat(meets(users, Ask.get("/users/7%2F8"))).isFalse();
        Condition below = Condition.pathTemplate("/{tenant}/orders/**");
        assertThat(meets(below, Ask.get("/a/orders"))).isTrue();
        assertThat(meets(below, Ask.get("/a/orders/1/2"))).isTrue();
        assertThat(meets(below, Ask.get("/a/order"))).isFalse();
    }

    @Test
    void conditionsAreCombined() {
        Condition both = Condition.method("GET").and(Condition.path("/a"));
        assertThat(meets(both, Ask.get("/a"))).isTrue();
        assertThat(meets(both, Ask.with("PUT", "/a"))).isFalse();
        Condition either = Condition.path("/a").or(Condition.header("x").is("1"));
        assertThat(meets(either, Ask.get("/b").header("x", "1"))).isTrue();
        assertThat(meets(either, Ask.get("/b"))).isFalse();
        assertThat(meets(Condition.not(either), Ask.get("/b"))).isTrue();
        assertThat(both.and(Condition.not(either)))
                .hasToString("method GET and path /a and not (path /a or header x is 1)");
        assertThat(either.and(both)).hasToString("(path /a or header x is 1) and method GET and path /a");
    }

    @Test
    void aRequestWithoutAPathMeetsNoTestOfOneAndMeetsTheOthers() {
        assertThat(meets(Condition.pathPrefix("/"), Ask.get(""))).isFalse();
        assertThat(meets(Condition.header("x").is("1"), Ask.get("").header("x", "1")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a", "/a/", "//a", "/a/../b", "/a;b", "/a%2fb", "/a#b", "/a\\b", "/\u0000", "/a/{", "/{}", "/a*b",
                "/**/a"
            })
    void malformedTemplatesAreRefused(String template) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Condition.pathTemplate(template))
                .withMessageContaining("(expected: ");
    }
}
