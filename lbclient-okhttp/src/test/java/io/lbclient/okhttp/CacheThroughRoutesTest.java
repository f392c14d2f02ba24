package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Cache;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSink;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OkHttp's cache and transparent gzip, through a router and over several servers, and with one server without either. */
@Timeout(120)
class CacheThroughRoutesTest {
    private static final int REQUESTS = 400;
    private static final int FILES = 40;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private Backend backend(String name) {
        Backend backend = new Backend(name, Transport.H1).answers(CacheThroughRoutesTest::file);
        open.add(backend);
        return backend;
    }

    /** A file that may be kept for a minute, compressed for whoever says that that is fine. */
    private static MockResponse file(RecordedRequest request) {
        String text = ("the file " + request.getTarget() + ' ').repeat(100);
        MockResponse.Builder response = new MockResponse.Builder()
                .addHeader("Cache-Control", "max-age=60")
                .addHeader("Vary", "Accept-Encoding");
        if (!"gzip".equals(request.getHeaders().get("Accept-Encoding"))) {
            return response.body(text).build();
        }
        Buffer compressed = new Buffer();
        try (BufferedSink sink = Okio.buffer(new GzipSink(compressed))) {
            sink.writeUtf8(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return response.addHeader("Content-Encoding", "gzip").body(compressed).build();
    }

    private ServerPool pool(String name, int size) {
        Server[] servers = new Server[size];
        for (int i = 0; i < size; i++) {
            servers[i] = backend(name + i).asServer();
        }
        ServerPool pool = ServerPool.builder(name)
                .servers(servers)
                .balancer(Balancers.roundRobin())
                .build();
        open.add(pool);
        return pool;
    }

    private Cache cache(Path directory) {
        Cache cache = new Cache(directory.toFile(), 1 << 22);
        open.add(cache);
        return cache;
    }

    private OkHttpClient routed(Cache cache, ServerPool files, ServerPool api) {
        Router router = Router.of(
                "shop",
                RuleSet.builder()
                        .rule(Rule.named("static")
                                .when(Condition.pathPrefix("/static"))
                                .to(files)
                                .build())
                        .otherwise(api)
                        .build());
        return LoadBalancingInterceptor.builder()
                .router(router, "shop.test")
                .build()
                .install(new OkHttpClient.Builder().cache(cache).build());
    }

    private static void browse(OkHttpClient client, HttpUrl base) throws IOException {
        Random random = new Random(11);
        for (int i = 0; i < REQUESTS; i++) {
            // Some files are asked for much more often than others.
            int file = (int) (FILES * random.nextDouble() * random.nextDouble());
            HttpUrl url = base.resolve("/static/" + file);
            assertThat(url).isNotNull();
            try (Response response =
                    client.newCall(new Request.Builder().url(url).build()).execute()) {
                assertThat(response.body().string()).startsWith("the file /static/" + file + ' ');
                assertThat(response.header("Content-Encoding")).isNull();
            }
        }
    }

    @Test
    void manyServersHaveTheHitRatioOfOne(@TempDir Path one, @TempDir Path many) throws Exception {
        Backend single = backend("single");
        Cache ofOne = cache(one);
        OkHttpClient plain = new OkHttpClient.Builder()
                .cache(ofOne)
                .dns(host -> List.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1})))
                .build();
        browse(plain, HttpUrl.get("http://shop.test:" + single.port() + "/"));

        Cache ofMany = cache(many);
        ServerPool files = pool("files", 5);
        browse(routed(ofMany, files, pool("api", 1)), HttpUrl.get("http://shop.test/"));

        assertThat(ofMany.hitCount()).isEqualTo(ofOne.hitCount()).isGreaterThan(REQUESTS * 8 / 10);
        assertThat(ofMany.networkCount()).isEqualTo(ofOne.networkCount()).isEqualTo(single.hits());
        List<String> entries = new ArrayList<>();
        ofMany.urls().forEachRemaining(entries::add);
        assertThat(entries).doesNotHaveDuplicates().hasSize(ofMany.networkCount());
        // More than one server was asked, and all of them together not more often than the one.
        assertThat(files.snapshot().servers()).allMatch(server -> server.picks() > 0);
    }

    @Test
    void gzipIsTransparentFromTheNetworkAndFromTheCache(@TempDir Path directory) throws Exception {
        Cache cache = cache(directory);
        OkHttpClient client = routed(cache, pool("files", 3), pool("api", 1));
        for (int i = 0; i < 6; i++) {
            Request request =
                    new Request.Builder().url("http://shop.test/static/gz").build();
            try (Response response = client.newCall(request).execute()) {
                assertThat(response.body().string()).hasSize(2_000);
                assertThat(response.header("Content-Encoding")).isNull();
                assertThat(response.cacheResponse() != null).isEqualTo(i > 0);
                Response network = response.networkResponse();
                if (network != null) {
                    assertThat(network.header("Content-Encoding")).isEqualTo("gzip");
                }
            }
        }
        assertThat(cache.size()).isLessThan(2_000);
        // Who asks for gzip by name gets it as it is, as without a router.
        Request raw = new Request.Builder()
                .url("http://shop.test/static/raw")
                .header("Accept-Encoding", "gzip")
                .build();
        try (Response response = client.newCall(raw).execute()) {
            assertThat(response.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(response.body().bytes()).hasSizeLessThan(2_000);
        }
    }
}
