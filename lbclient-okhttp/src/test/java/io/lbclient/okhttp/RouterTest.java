package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.PoolView;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.routing.Condition;
import io.lbclient.routing.NoRouteException;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import io.lbclient.routing.Split;
import io.lbclient.routing.SplitKey;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okhttp3.CookieJar;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One interceptor with a router in front of many pools. Each pool has one server, which answers with the pool's name. */
@Timeout(120)
class RouterTest {
    private final Map<String, Backend> backends = new LinkedHashMap<>();
    private final Map<String, ServerPool> pools = new LinkedHashMap<>();
    private OkHttpClient client = new OkHttpClient();

    @AfterEach
    void close() {
        pools.values().forEach(ServerPool::close);
        client.connectionPool().evictAll();
        client.dispatcher().executorService().shutdown();
        backends.values().forEach(Backend::close);
    }

    private ServerPool pool(String name) {
        return pools.computeIfAbsent(name, n -> {
            Backend backend = new Backend(n, Transport.H1);
            backends.put(n, backend);
            return ServerPool.builder(n).servers(backend.asServer()).build();
        });
    }

    private Rule rule(String name, Condition when, String to) {
        return Rule.named(name).when(when).to(pool(to)).build();
    }

    private Router routed(RuleSet rules, String... hosts) {
        Router router = Router.of("shop", rules);
        client = new OkHttpClient.Builder()
                .addInterceptor(
                        LoadBalancingInterceptor.builder().router(router, hosts).build())
                .build();
        return router;
    }

    private String get(String url, String... headers) throws IOException {
        Request.Builder request = new Request.Builder().url(url);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return text(request.build());
    }

    private String text(Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    @Test
    void oneInterceptorServesManyHostsAndPaths() throws Exception {
        routed(
                RuleSet.builder()
                        .rule(rule("static", Condition.host("shop.test").and(Condition.pathPrefix("/static")), "files"))
                        .rule(rule("users", Condition.pathTemplate("/users/{id}/orders"), "orders"))
                        .rule(rule("media", Condition.host("media.test"), "media"))
                        .rule(rule("writes", Condition.method("POST", "PUT"), "writes"))
                        .rule(rule("v2", Condition.query("v").is("2"), "v2"))
                        .rule(rule("beta", Condition.header("X-Beta").is("yes"), "beta"))
                        .rule(rule("gold", Condition.cookie("tier").is("gold"), "gold"))
                        .rule(rule("tag", Condition.tag(Integer.class, n -> n == 7), "tagged"))
                        .otherwise(pool("main"))
                        .build(),
                "shop.test",
                "Media.test");

        assertThat(get("http://shop.test/static/a.css")).isEqualTo("files");
        assertThat(get("http://shop.test/x/..//static/a.css")).isEqualTo("files");
        assertThat(get("http://media.test/static/a.css")).isEqualTo("media");
        assertThat(get("http://shop.test/users/7/orders")).isEqualTo("orders");
        assertThat(get("http://shop.test/a?v=2")).isEqualTo("v2");
        assertThat(get("http://shop.test/a?v")).isEqualTo("main");
        assertThat(get("http://shop.test/a", "x-beta", "yes")).isEqualTo("beta");
        assertThat(get("http://shop.test/a", "Cookie", "a=b; tier=gold")).isEqualTo("gold");
        assertThat(get("http://shop.test/a")).isEqualTo("main");
        Request.Builder request = new Request.Builder().url("http://shop.test/a");
        assertThat(text(request.tag(Integer.class, 7).build())).isEqualTo("tagged");
        assertThat(text(request.post(RequestBody.create("x", null)).build())).isEqualTo("writes");
        // The URL stays logical, whatever pool it went to.
        assertThat(backends.get("files").last().getHeaders().get("Host")).isEqualTo("shop.test");
    }

    @Test
    void hostsThatTheRouterWasNotGivenPassUntouched() throws Exception {
        routed(RuleSet.builder().otherwise(pool("main")).build(), "shop.test");
        try (Backend elsewhere = new Backend("elsewhere", Transport.H1)) {
            assertThat(get("http://127.0.0.1:" + elsewhere.port() + "/")).isEqualTo("elsewhere");
        }
    }

    @Test
    void whatNoRuleMatchesFailsWithAClearErrorAndIsSentToNobody() {
        routed(
                RuleSet.builder()
                        .rule(rule("api", Condition.pathPrefix("/api"), "api"))
                        .otherwiseFail()
                        .build(),
                "shop.test");

        assertThatThrownBy(() -> get("http://shop.test/other?token=secret"))
                .isInstanceOf(IOException.class)
                .hasMessage("shop: none of 1 rules matches (GET \"shop.test\" \"/other\")")
                .hasCauseInstanceOf(NoRouteException.class);
        assertThatThrownBy(() -> get("http://shop.test/api%2f..%2fadmin")).hasMessageContaining("an encoded slash");
        assertThat(backends.get("api").hits()).isZero();
    }

    @Test
    void theFallbackPoolServesWhenNobodyCanBePicked() throws Exception {
        ServerPool empty = ServerPool.builder("empty").build();
        pools.put("empty", empty);
        routed(
                RuleSet.builder()
                        .rule(Rule.named("api")
                                .to(empty)
                                .fallback(pool("standby"))
                                .build())
                        .otherwiseFail()
                        .build(),
                "shop.test");

        assertThat(get("http://shop.test/")).isEqualTo("standby");
        empty.add(pool("first").snapshot().servers().get(0).server());
        assertThat(get("http://shop.test/")).isEqualTo("first");
    }

    @Test
    void aViewGetsTheRequestsOfItsRule() throws Exception {
        Backend primary = new Backend("primary", Transport.H1);
        Backend replica = new Backend("replica", Transport.H1);
        backends.put("primary", primary);
        backends.put("replica", replica);
        ServerPool db = ServerPool.builder("db")
                .servers(primary.asServer().withTag("role", "primary"), replica.asServer())
                .balancer(Balancers.roundRobin())
                .build();
        pools.put("db", db);
        PoolView primaries = db.view(server -> server.tags().containsKey("role"));
        routed(
                RuleSet.builder()
                        .rule(Rule.named("strong")
                                .when(Condition.header("x-read").is("strong"))
                                .to(db, primaries)
                                .build())
                        .otherwise(db)
                        .build(),
                "shop.test");

        for (int i = 0; i < 10; i++) {
            assertThat(get("http://shop.test/", "x-read", "strong")).isEqualTo("primary");
        }
        assertThat(List.of(get("http://shop.test/"), get("http://shop.test/")))
                .containsExactlyInAnyOrder("primary", "replica");
        primaries.close();
        assertThatThrownBy(() -> get("http://shop.test/", "x-read", "strong")).isInstanceOf(IOException.class);
    }

    @Test
    void aCanaryIsSteadyForEachUser() throws Exception {
        routed(
                RuleSet.builder()
                        .rule(Rule.named("canary")
                                .to(Split.by(SplitKey.header("x-user"))
                                        .share(70, pool("stable"))
                                        .share(30, pool("canary")))
                                .build())
                        .otherwiseFail()
                        .build(),
                "shop.test");
        int canaries = 0;
        for (int user = 0; user < 100; user++) {
            String first = get("http://shop.test/", "x-user", "u" + user);
            assertThat(get("http://shop.test/other", "x-user", "u" + user)).isEqualTo(first);
            canaries += first.equals("canary") ? 1 : 0;
        }
        assertThat(canaries).isBetween(15, 45);
    }

    @Test
    void rulesAreReplacedUnderTheClientAndPoolsThatAreGoneAreForgotten() throws Exception {
        Router router = routed(RuleSet.builder().otherwise(pool("first")).build(), "shop.test");
        assertThat(get("http://shop.test/")).isEqualTo("first");
        WeakReference<ServerPool> gone = passingPool(router);
        router.replace(RuleSet.builder().otherwise(pool("last")).build());
        assertThat(get("http://shop.test/")).isEqualTo("last");
        Await.until("the pool that is gone is forgotten", () -> {
            System.gc();
            return gone.get() == null;
        });
    }

    /** Nobody is in it: a connection would keep it for as long as OkHttp keeps that. */
    private WeakReference<ServerPool> passingPool(Router router) {
        try (ServerPool passing = ServerPool.builder("passing").build()) {
            router.replace(RuleSet.builder().otherwise(passing).build());
            assertThatThrownBy(() -> get("http://shop.test/")).hasMessage("passing: no server available (0 servers)");
            return new WeakReference<>(passing);
        }
    }

    @Test
    void aPoolThatIsReachedByItsNameAndByARouterHasOneQueue() throws Exception {
        Plan plan = new Plan(LoadBalancingInterceptor.builder());
        ServerPool both = pool("both");
        Router router = Router.of("shop", RuleSet.builder().otherwise(both).build());
        Routes routes = new Routes(List.of(both), Map.of("shop.test", router), plan);
        Request direct = new Request.Builder().url("http://both/").build();
        Request routed = new Request.Builder().url("http://shop.test/").build();
        Service service = routes.choose(direct, CookieJar.NO_COOKIES).service();
        assertThat(routes.choose(routed, CookieJar.NO_COOKIES).service()).isSameAs(service);
        router.replace(RuleSet.builder().otherwise(pool("another")).build());
        assertThat(routes.choose(routed, CookieJar.NO_COOKIES).service()).isNotSameAs(service);
        router.replace(RuleSet.builder().otherwise(both).build());
        assertThat(routes.choose(routed, CookieJar.NO_COOKIES).service()).isSameAs(service);
    }

    @Test
    void badSettingsAreRefused() {
        Router router =
                Router.of("shop", RuleSet.builder().otherwise(pool("main")).build());
        LoadBalancingInterceptor.Builder builder = LoadBalancingInterceptor.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.router(router))
                .withMessage("hosts: none (expected: at least one)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.router(router, "127.0.0.1"))
                .withMessageContaining("not an IP address");
        builder.router(router, "main");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.router(router, "MAIN"))
                .withMessage("host: MAIN (expected: one router for each host)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.pool(pool("main")).build())
                .withMessage("pool: main (expected: one pool for each name)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.mirrors(0))
                .withMessage("mirrors: 0 (expected: 1 to 10000)");
    }
}
