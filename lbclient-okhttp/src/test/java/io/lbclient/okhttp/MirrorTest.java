package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.ServerPool;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Cookie;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A copy of each request goes to a shadow, and nobody ever notices. */
@Timeout(120)
class MirrorTest {
    private final Backend primary = new Backend("primary", Transport.H1);
    private final Backend shadow = new Backend("shadow", Transport.H1);
    private final ServerPool main =
            ServerPool.builder("main").servers(primary.asServer()).build();
    private final ServerPool shadows =
            ServerPool.builder("shadows").servers(shadow.asServer()).build();
    private final MemoryJar jar = new MemoryJar();
    private OkHttpClient client = installed(64);

    private LoadBalancingInterceptor interceptor(int atOnce) {
        return settings(atOnce).build();
    }

    private LoadBalancingInterceptor.Builder settings(int atOnce) {
        Router router = Router.of(
                "shop",
                RuleSet.builder()
                        .rule(Rule.named("all").to(main).mirror(1, shadows).build())
                        .otherwiseFail()
                        .build());
        return LoadBalancingInterceptor.builder().router(router, "shop.test").mirrors(atOnce);
    }

    private OkHttpClient installed(int atOnce) {
        return interceptor(atOnce)
                .install(new OkHttpClient.Builder().cookieJar(jar).build());
    }

    @AfterEach
    void close() {
        client.dispatcher().cancelAll();
        main.close();
        shadows.close();
        client.connectionPool().evictAll();
        client.dispatcher().executorService().shutdown();
        primary.close();
        shadow.close();
    }

    private Request.Builder request(String path) {
        return new Request.Builder().url("http://shop.test" + path);
    }

    private String text(Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    private void awaitShadow(int hits) {
        Await.until(
                "the shadow has seen " + hits,
                () -> shadow.hits() == hits
                        && shadows.snapshot().servers().get(0).inFlight() == 0
                        && shadows.snapshot().servers().get(0).picks() == hits);
    }

    @Test
    void theShadowGetsTheSameRequestAndItsAnswerIsDropped() throws Exception {
        shadow.answers(
                new MockResponse.Builder().addHeader("Set-Cookie", "s=shadow").body("x".repeat(100_000)));
        assertThat(text(request("/a?b=c").header("x", "y").build())).isEqualTo("primary");
        assertThat(text(request("/post").post(RequestBody.create("body", null)).build()))
                .isEqualTo("primary");
        awaitShadow(2);
        RecordedRequest get = shadow.seen.stream()
                .filter(seen -> seen.getMethod().equals("GET"))
                .findFirst()
                .orElseThrow();
        assertThat(get.getTarget()).isEqualTo("/a?b=c");
        assertThat(get.getHeaders().get("x")).isEqualTo("y");
        assertThat(get.getHeaders().get("Host")).isEqualTo("shop.test");
        RecordedRequest post = shadow.seen.stream()
                .filter(seen -> seen.getMethod().equals("POST"))
                .findFirst()
                .orElseThrow();
        assertThat(post.getBody().utf8()).isEqualTo("body");
        assertThat(jar.hosts).isEmpty();
    }

    @Test
    void theClientsCookiesGoToTheShadowAndThoseOfTheShadowStayThere() throws Exception {
        HttpUrl url = HttpUrl.get("http://shop.test/");
        jar.saveFromResponse(url, List.of(Cookie.parse(url, "user=7")));
        shadow.answers(new MockResponse.Builder().addHeader("Set-Cookie", "user=shadow"));
        text(request("/").build());
        awaitShadow(1);
        assertThat(shadow.last().getHeaders().get("Cookie")).isEqualTo("user=7");
        assertThat(jar.loadForRequest(url)).extracting(Cookie::value).containsExactly("7");
    }

    @Test
    void aShadowThatFailsOrLeadsAwayCostsNobodyAnything() throws Exception {
        shadow.answers(new MockResponse.Builder().code(302).addHeader("Location", "http://shop.test/elsewhere"));
        assertThat(text(request("/redirect").build())).isEqualTo("primary");
        awaitShadow(1);
        shadow.answers(500, "broken");
        assertThat(text(request("/broken").build())).isEqualTo("primary");
        awaitShadow(2);
        shadow.close();
        for (int i = 0; i < 5; i++) {
            assertThat(text(request("/gone").build())).isEqualTo("primary");
        }
        assertThat(primary.seen).extracting(RecordedRequest::getTarget).doesNotContain("/elsewhere");
        Await.until(
                "nothing is in flight to the shadow",
                () -> shadows.snapshot().servers().get(0).inFlight() == 0);
    }

    @Test
    void aShadowThatHangsHoldsUpOnlyABoundedNumberOfCopies() throws Exception {
        client = installed(3);
        CountDownLatch release = new CountDownLatch(1);
        shadow.answers(request -> {
            Await.released(release);
            return Backend.text(200, "late");
        });
        for (int i = 0; i < 20; i++) {
            assertThat(text(request("/" + i).build())).isEqualTo("primary");
        }
        Await.until("three copies are under way", () -> shadow.hits() == 3);
        assertThat(shadows.snapshot().servers().get(0).inFlight()).isEqualTo(3);
        release.countDown();
        awaitShadow(3);
        Await.until("there is room for copies again", () -> {
            Enqueued.text(client.newCall(request("/again").build())).join();
            return shadow.hits() > 3;
        });
    }

    @Test
    void aBodyThatCanBeWrittenOnceIsThePrimarysAlone() throws Exception {
        RequestBody once = new RequestBody() {
            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                sink.writeUtf8("once");
            }

            @Override
            public boolean isOneShot() {
                return true;
            }
        };
        assertThat(text(request("/").post(once).build())).isEqualTo("primary");
        text(request("/second").build());
        awaitShadow(1);
        assertThat(shadow.last().getTarget()).isEqualTo("/second");
    }

    @Test
    void aFailureOfThePrimaryIsStillTheCallers() throws Exception {
        primary.answers(500, "bad");
        try (Response response = client.newCall(request("/").build()).execute()) {
            assertThat(response.code()).isEqualTo(500);
        }
        awaitShadow(1);
    }

    @Test
    void aCallThatWasCancelledIsNotCopied() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        primary.answers(request -> {
            Await.released(end);
            return new MockResponse.Builder().body("too late").build();
        });
        Call cancelled = client.newCall(request("/cancelled").build());
        FutureTask<Response> running = new FutureTask<>(cancelled::execute);
        client.dispatcher().executorService().execute(running);
        Await.until("the call is there", () -> primary.hits() == 1);
        cancelled.cancel();
        assertThatThrownBy(running::get).hasCauseInstanceOf(IOException.class);
        end.countDown();
        primary.answers(new MockResponse.Builder().body("primary"));
        assertThat(text(request("/next").build())).isEqualTo("primary");
        awaitShadow(1);
        assertThat(shadow.seen.get(0).getTarget()).isEqualTo("/next");
    }

    @Test
    void noMoreThreadsForCopiesCostTheCallerNothingAndTakeNoPlaceOfLaterOnes() throws Exception {
        AtomicBoolean exhausted = new AtomicBoolean(true);
        client = settings(1)
                .threads(task -> {
                    if (exhausted.get()) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    NestedThreads.SHARED.execute(task);
                })
                .build()
                .install(new OkHttpClient());
        for (int i = 0; i < 3; i++) {
            assertThat(text(request("/" + i).build())).isEqualTo("primary");
        }
        exhausted.set(false);
        assertThat(text(request("/again").build())).isEqualTo("primary");
        awaitShadow(1);
    }

    @Test
    void withoutInstallNothingIsMirroredAndNothingFails() throws Exception {
        client = new OkHttpClient.Builder().addInterceptor(interceptor(64)).build();
        assertThat(text(request("/").build())).isEqualTo("primary");
        assertThat(shadows.snapshot().servers().get(0).picks()).isZero();
    }
}
