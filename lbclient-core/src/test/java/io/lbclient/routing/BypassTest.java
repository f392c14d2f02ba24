package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S12: ways to write a path so that a router reads it in one way and a server in another. Rules: {@code /admin} and below
 * goes to admin, {@code /public} and below to public, all else is an error.
 */
class BypassTest extends Pools {
    private static final String REFUSED = "refused";

    private final Router router = Router.of(
            "shop",
            RuleSet.builder()
                    .rule(rule("admin", Condition.pathPrefix("/admin"), pool("admin")))
                    .rule(rule("public", Condition.pathPrefix("/public"), pool("public")))
                    .otherwiseFail()
                    .build());

    private static Arguments trick(String path, String compared, String rule) {
        return Arguments.of(path, compared, rule);
    }

    private static Arguments refused(String path, String why) {
        return Arguments.of(path, null, why);
    }

    static Stream<Arguments> tricks() {
        return Stream.of(
                        dotsAndSlashes(), escapes(), refusedEscapes(), refusedSegments(), refusedCharacters(), others())
                .flatMap(s -> s);
    }

    private static Stream<Arguments> dotsAndSlashes() {
        return Stream.of(
                trick("/admin", "/admin", "admin"),
                trick("/admin/", "/admin", "admin"),
                trick("//admin", "/admin", "admin"),
                trick("///admin//users", "/admin/users", "admin"),
                trick("/admin//", "/admin", "admin"),
                trick("/./admin", "/admin", "admin"),
                trick("/.//admin", "/admin", "admin"),
                trick("/admin/.", "/admin", "admin"),
                trick("/admin/./users", "/admin/users", "admin"),
                trick("/../admin", "/admin", "admin"),
                trick("/../../../admin", "/admin", "admin"),
                trick("/public/../admin", "/admin", "admin"),
                trick("/public/./../admin", "/admin", "admin"),
                trick("/public/x/../../admin", "/admin", "admin"),
                trick("/public/../public/../admin/", "/admin", "admin"),
                trick("/admin/..", "/", REFUSED),
                trick("/admin/../public", "/public", "public"),
                trick("/admin/../../public", "/public", "public"),
                trick("/public//x/../admin", "/public/admin", "public"),
                trick("/public/...", "/public/...", "public"),
                trick("/public/..admin", "/public/..admin", "public"));
    }

    private static Stream<Arguments> escapes() {
        return Stream.of(
                trick("/%61dmin", "/admin", "admin"),
                trick("/%61%64%6d%69%6e", "/admin", "admin"),
                trick("/%61%64%6D%69%6E", "/admin", "admin"),
                trick("/adm%69n/users", "/admin/users", "admin"),
                trick("/public/%2e%2e/admin", "/admin", "admin"),
                trick("/public/%2E%2E/admin", "/admin", "admin"),
                trick("/public/.%2e/admin", "/admin", "admin"),
                trick("/public/%2e./admin", "/admin", "admin"),
                trick("/%2e/admin", "/admin", "admin"),
                trick("/admin%3Fx", "/admin?x", REFUSED),
                trick("/admin?x=/public", "/admin", "admin"),
                trick("/public?/../admin", "/public", "public"));
    }

    private static Stream<Arguments> refusedEscapes() {
        return Stream.of(
                refused("/public%2f..%2fadmin", "an encoded slash"),
                refused("/public/..%2Fadmin", "an encoded slash"),
                refused("/admin%2fusers", "an encoded slash"),
                refused("/public\\..\\admin", "a backslash"),
                refused("/public/..\\admin", "a backslash"),
                refused("/public/..%5cadmin", "a backslash"),
                refused("/public/%252e%252e/admin", "an escape of an escape"),
                refused("/%2561dmin", "an escape of an escape"),
                refused("/public/%25%32%65./admin", "an escape of an escape"),
                refused("/public/..%3b/admin", "an encoded semicolon"),
                refused("/public/x;%2;f", "a malformed escape"),
                refused("/public/%c0%ae%c0%ae/admin", "escapes that are not UTF-8"),
                refused("/public%c0%afadmin", "escapes that are not UTF-8"),
                refused("/public/%e0%80%af", "escapes that are not UTF-8"),
                refused("/public/%ff", "escapes that are not UTF-8"),
                refused("/public/%u002e%u002e/admin", "a malformed escape"),
                refused("/public/%", "a malformed escape"),
                refused("/public/%2", "a malformed escape"),
                refused("/public/%zz", "a malformed escape"));
    }

    private static Stream<Arguments> refusedSegments() {
        return Stream.of(
                refused("/public/..;/admin", "parameters on a dot segment or on an empty one"),
                refused("/public/..;x=1/admin", "parameters on a dot segment or on an empty one"),
                refused("/public/.;/admin", "parameters on a dot segment or on an empty one"),
                refused("/;/admin", "parameters on a dot segment or on an empty one"),
                refused("/public/%2e%2e;/admin", "parameters on a dot segment or on an empty one"),
                refused("/public//../admin", "a double dot after an empty segment"),
                refused("/admin//./../public", "a double dot after an empty segment"),
                refused("/admin//x/../../public", "a double dot after an empty segment"),
                refused("/admin//x/y/../../../public", "a double dot after an empty segment"),
                refused("//x/../../public", "a double dot after an empty segment"),
                refused("admin", "it does not begin with a slash"),
                refused("http://other/admin", "it does not begin with a slash"),
                refused("*", "it does not begin with a slash"));
    }

    private static Stream<Arguments> refusedCharacters() {
        return Stream.of(
                refused("/admin%00.html", "a control character"),
                refused("/public/%0d%0aX: y", "a control character"),
                refused("/admin\t", "a control character"),
                refused("/admin%7f", "a control character"),
                refused("/public/\uFF0E\uFF0E/admin", "a look-alike of a dot or a slash"),
                refused("/public%EF%BC%8Fadmin", "a look-alike of a dot or a slash"),
                refused("/public/\u2025/admin", "a look-alike of a dot or a slash"),
                refused("/public/%EF%B9%92%EF%B9%92/admin", "a look-alike of a dot or a slash"),
                refused("/public/..\uFF1B/admin", "a look-alike of a dot or a slash"),
                refused("/public/\uFF052e\uFF052e/admin", "a look-alike of a dot or a slash"),
                refused("/public%C2%85", "a control character"),
                refused("/public#/../admin", "a number sign"),
                refused("/public/\uD800", "half of a character"));
    }

    private static Stream<Arguments> others() {
        return Stream.of(
                trick("/admin;x=1", "/admin", "admin"),
                trick("/admin;jsessionid=1/users;a=b", "/admin/users", "admin"),
                trick("/public;/../admin", "/admin", "admin"),
                trick("/administrator", "/administrator", REFUSED),
                trick("/admin.", "/admin.", REFUSED),
                trick("/admin%20", "/admin ", REFUSED),
                trick("/ADMIN", "/ADMIN", REFUSED),
                trick("/Admin/users", "/Admin/users", REFUSED),
                trick("/\u0430dmin", "/\u0430dmin", REFUSED),
                trick("/publi%C4%87", "/publi\u0107", REFUSED),
                trick("/~admin", "/~admin", REFUSED),
                trick("/%7Eadmin", "/~admin", REFUSED),
                trick("/", "/", REFUSED));
    }

    @Test
    void thereAreAtLeastNinetyTricks() {
        assertThat(tricks()).hasSizeGreaterThanOrEqualTo(90);
    }

    @ParameterizedTest(name = "{0} is compared as {1}: {2}")
    @MethodSource("tricks")
    void aTrickLeadsWhereTheDocumentedFormSays(String path, String compared, String rule) {
        assertThat(NormalPath.of(path)).isEqualTo(compared);
        Ask ask = Ask.get(path);
        if (compared == null) {
            assertThat(NormalPath.refusal(path)).isEqualTo(rule);
            assertThatExceptionOfType(NoRouteException.class)
                    .isThrownBy(() -> router.route(ask))
                    .withMessageStartingWith("shop: the path is refused: " + rule + " (GET \"");
            assertThat(router.explain(ask).path()).isNull();
        } else if (rule.equals(REFUSED)) {
            assertThatExceptionOfType(NoRouteException.class)
                    .isThrownBy(() -> router.route(ask))
                    .withMessageStartingWith("shop: none of 2 rules matches");
        } else {
            assertThat(router.route(ask).rule()).isEqualTo(rule);
        }
    }

    @Test
    void aRefusedPathMatchesNoRuleAtAllNotEvenOneThatExcludesPaths() {
        router.replace(RuleSet.builder()
                .rule(rule("not-admin", Condition.not(Condition.pathPrefix("/admin")), pool("public")))
                .rule(Rule.named("all").to(pool("public")).build())
                .otherwiseFail()
                .build());

        assertThatExceptionOfType(NoRouteException.class).isThrownBy(() -> router.route(Ask.get("/..;/admin")));
        assertThat(router.route(Ask.get("/x")).rule()).isEqualTo("not-admin");
        assertThat(router.route(Ask.get("/x/../admin")).rule()).isEqualTo("all");
    }

    @Test
    void caseIsFoldedOnlyIfTheRulesSaySo() {
        router.replace(RuleSet.builder()
                .ignorePathCase()
                .rule(rule("admin", Condition.pathPrefix("/Admin"), pool("admin")))
                .rule(rule("user", Condition.pathTemplate("/Users/{Id}/Name"), pool("admin")))
                .otherwise(pool("public"))
                .build());

        assertThat(router.route(Ask.get("/aDMIN/X")).rule()).isEqualTo("admin");
        assertThat(router.route(Ask.get("/%41dmin")).rule()).isEqualTo("admin");
        assertThat(router.route(Ask.get("/USERS/Q/NAME")).rule()).isEqualTo("user");
    }

    /** Whatever the form that comes out, it is one: to bring it into form again changes nothing. */
    @Test
    void theFormOfAFormIsItself() {
        Random random = new Random(7);
        String alphabet = "/////....ab%%%2225ef;\\?#\u0000 \u00e9\uFF0F{}~A";
        int normal = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder path = new StringBuilder("/");
            for (int k = random.nextInt(12); k > 0; k--) {
                path.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String form = NormalPath.of(path.toString());
            if (form == null) {
                assertThat(NormalPath.refusal(path.toString())).isNotNull();
                continue;
            }
            normal++;
            assertThat(NormalPath.refusal(path.toString())).isNull();
            String escaped = form.replace("%", "%25").replace("?", "%3F");
            assertThat(NormalPath.of(escaped)).isEqualTo(form);
            assertThat("/" + form + "/").doesNotContain("/../", "/./").doesNotContain("\\", ";", "#");
            assertThat(form.substring(1)).doesNotContain("//").doesNotEndWith("/");
        }
        assertThat(normal).isGreaterThan(10_000);
    }
}
