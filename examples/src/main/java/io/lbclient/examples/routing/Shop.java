package io.lbclient.examples.routing;

import io.lbclient.ServerPool;
import io.lbclient.examples.shared.Traffic;
import io.lbclient.jwt.SignatureAlgorithm;
import io.lbclient.jwt.VerifiedClaims;
import io.lbclient.okhttp.LoadBalancingInterceptor;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import io.lbclient.routing.Split;
import io.lbclient.routing.SplitKey;
import java.io.File;
import java.io.IOException;
import java.security.PublicKey;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.Cache;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;

/**
 * How an application would set it up: one client for {@code http://shop/}, behind which a pool for static content, whose
 * answers OkHttp keeps and decompresses, stands beside those of the API.
 */
final class Shop implements AutoCloseable {
    static final String HOST = "shop";
    private static final long CACHE_BYTES = 10 << 20;

    final Map<String, ServerPool> pools;
    final Router router;
    final Cache cache;
    final OkHttpClient client;
    private final VerifiedClaims claims;

    Shop(Map<String, ServerPool> pools, PublicKey key, File cacheDirectory) {
        this.pools = pools;
        claims = VerifiedClaims.builder()
                .key(SignatureAlgorithm.ES256, key)
                .issuer("https://id.shop.example")
                .build();
        router = Router.of(HOST, rules(5));
        cache = new Cache(cacheDirectory, CACHE_BYTES);
        client = LoadBalancingInterceptor.builder()
                .router(router, HOST)
                .build()
                .install(new OkHttpClient.Builder()
                        .cache(cache)
                        .connectionPool(new ConnectionPool(50, 1, TimeUnit.MINUTES))
                        .build());
    }

    private ServerPool pool(String name) {
        ServerPool pool = pools.get(name);
        if (pool == null) {
            throw new IllegalArgumentException("pool: " + name + " (expected: one of " + pools.keySet() + ")");
        }
        return pool;
    }

    RuleSet rules(double canaryPercent) {
        return RuleSet.builder()
                .claims(claims)
                .rule(Rule.named("static")
                        .when(Condition.method("GET", "HEAD").and(Condition.pathPrefix("/static")))
                        .to(pool("static"))
                        .build())
                .rule(api("admin", Condition.claim("role").is("admin")))
                .rule(api("beta", Condition.header("X-Beta").is("yes")))
                .rule(api("gold", Condition.cookie("tier").is("gold")))
                .rule(Rule.named("mirrored")
                        .when(Condition.pathTemplate("/api/orders/{id}"))
                        .to(pool("api"))
                        .mirror(1, pool("shadow"))
                        .build())
                .rule(Rule.named("canary")
                        .when(Condition.pathPrefix("/api")
                                .and(Condition.cookie("user").isPresent()))
                        .to(Split.by(SplitKey.cookie("user"))
                                .named("api-2.0")
                                .share(100 - canaryPercent, pool("api"))
                                .share(canaryPercent, pool("canary")))
                        .build())
                .rule(Rule.named("api")
                        .when(Condition.pathPrefix("/api"))
                        .to(pool("api"))
                        .build())
                .otherwiseFail()
                .build();
    }

    /** Requests to the API that meet a condition go to a pool of their own, whose name is the rule's. */
    private Rule api(String name, Condition condition) {
        return Rule.named(name)
                .when(Condition.pathPrefix("/api").and(condition))
                .to(pool(name))
                .build();
    }

    @Override
    public void close() throws IOException {
        Traffic.end(client);
        cache.delete();
        pools.values().forEach(ServerPool::close);
    }
}
