package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Balancer;
import io.lbclient.Outcome;
import io.lbclient.Server;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.Okio;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From the pick to the end of the body, once. The numbers are those of the adapter's checklist. */
@Timeout(120)
class InFlightTest {
    private static final int LARGE = 2 << 20;

    private static MockResponse.Builder large() {
        return new MockResponse.Builder().body(new Buffer().write(new byte[LARGE]));
    }

    @ParameterizedTest(name = "45, bug 27: up while the body is open, down when it is closed unread [{0}]")
    @EnumSource
    void openUntilClosed(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0).answers(large());
            Response response = cluster.call("/").execute();
            assertThat(cluster.inFlight()).isEqualTo(1);
            assertThat(cluster.endings).isEmpty();
            response.close();
            response.close();
            assertThat(cluster.inFlight()).isZero();
            assertThat(cluster.trail()).containsExactly("a SUCCESS");
        }
    }

    @ParameterizedTest(name = "45: down when the body is read to its end, closed or not [{0}]")
    @EnumSource
    void endOfBody(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0).answers(large());
            Response whole = cluster.call("/").execute();
            assertThat(whole.body().source().readByteArray()).hasSize(LARGE);
            assertThat(cluster.inFlight()).isZero();

            MockResponse.Builder answer = transport.http2()
                    ? new MockResponse.Builder().body("chunk by chunk")
                    : new MockResponse.Builder().chunkedBody("chunk by chunk", 4);
            cluster.backend(0).answers(answer);
            Response chunked = cluster.call("/").execute();
            assertThat(chunked.body().source().readUtf8()).isEqualTo("chunk by chunk");
            assertThat(cluster.inFlight()).isZero();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @Test
    @DisplayName("45: down when exactly Content-Length bytes are read and nothing is closed")
    void exactLength() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.backend(0).answers(large());
            Response response = cluster.call("/").execute();
            response.body().source().readFully(new byte[LARGE]);
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @ParameterizedTest(name = "45: HEAD, 204 and an empty body are over when they are returned [{0}]")
    @EnumSource
    void withoutBody(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            for (MockResponse.Builder answer : List.of(
                    new MockResponse.Builder().code(204), new MockResponse.Builder().setHeader("Content-Length", 0))) {
                for (String method : List.of("GET", "HEAD")) {
                    cluster.backend(0).answers(answer);
                    cluster.client
                            .newCall(cluster.request("/").method(method, null).build())
                            .execute();
                    cluster.awaitIdle();
                }
            }
            assertThat(cluster.outcomes()).hasSize(4).containsOnly(Outcome.SUCCESS);
        }
    }

    @ParameterizedTest(name = "46: down when a body is read in part and closed [{0}]")
    @EnumSource
    void partialRead(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0).answers(large());
            try (Response response = cluster.call("/").execute()) {
                response.body().source().readFully(new byte[100]);
                assertThat(cluster.inFlight()).isEqualTo(1);
            }
            assertThat(cluster.inFlight()).isZero();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @ParameterizedTest(name = "47: a body that is cut is a failure, although the status was 200 [{0}]")
    @EnumSource
    void bodyCut(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            int internalError = 2;
            SocketEffect cut =
                    transport.http2() ? new SocketEffect.CloseStream(internalError) : new SocketEffect.CloseSocket();
            cluster.backend(0).answers(large().onResponseBody(cut));
            Response response = cluster.call("/").execute();
            assertThatThrownBy(() -> response.body().bytes()).isInstanceOf(IOException.class);
            assertThat(cluster.inFlight()).isZero();
            assertThat(cluster.trail()).containsExactly("a FAILURE");
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @ParameterizedTest(name = "47, 56: the call timeout in a body is a timeout, the caller's cancel says nothing [{0}]")
    @EnumSource
    void timeoutAndCancelInBody(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0).answers(large().onResponseBody(SocketEffect.Stall.INSTANCE));
            cluster.client(c -> c.callTimeout(1, TimeUnit.HOURS));
            Call overdue = cluster.call("/");
            Response late = overdue.execute();
            Cluster.timeOut(overdue);
            assertThatThrownBy(() -> late.body().bytes())
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessage("timeout");
            cluster.awaitIdle();

            cluster.client(c -> c.callTimeout(0, TimeUnit.MILLISECONDS));
            Call call = cluster.call("/");
            Response unwanted = call.execute();
            call.cancel();
            assertThatThrownBy(() -> unwanted.body().bytes()).isInstanceOf(IOException.class);
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.TIMEOUT, Outcome.CANCELLED);
        }
    }

    @Test
    @DisplayName("48: a cancel while connecting to a black hole returns at once, and the call counts until then")
    void cancelWhileConnecting() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"));
                java.net.Socket first = new java.net.Socket("127.0.0.1", full.getLocalPort());
                java.net.Socket second = new java.net.Socket("127.0.0.1", full.getLocalPort());
                Cluster cluster = Cluster.behind(
                        Transport.H1,
                        List.of(Server.of("127.0.0.1", full.getLocalPort()).withId("full")))) {
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            cluster.client(c -> c.connectTimeout(1, TimeUnit.HOURS));
            Call call = cluster.call("/");
            CompletableFuture<String> answer = Enqueued.text(call);
            Await.until("the call is in flight", () -> cluster.inFlight() == 1);
            call.cancel();
            assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.CANCELLED);
        }
    }

    @Test
    @DisplayName("49: a WebSocket counts until both sides have closed, or it is cancelled")
    void webSocket() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            for (boolean cancel : List.of(false, true)) {
                Echo server = new Echo();
                cluster.backend(0).answers(new MockResponse.Builder().webSocketUpgrade(server));
                Echo mine = new Echo();
                Request request =
                        new Request.Builder().url("ws://orders.test/socket").build();
                WebSocket socket = cluster.client.newWebSocket(request, mine);
                assertThat(mine.opened.get(20, TimeUnit.SECONDS)).hasToString("http://orders.test/socket");
                assertThat(server.opened.get(20, TimeUnit.SECONDS)).isNotNull();
                socket.send("hello");
                assertThat(server.received.get(20, TimeUnit.SECONDS)).isEqualTo("hello");
                assertThat(cluster.inFlight()).isEqualTo(1);
                if (cancel) {
                    socket.cancel();
                } else {
                    socket.close(1000, "done");
                }
                cluster.awaitIdle();
            }
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.CANCELLED);
        }
    }

    @ParameterizedTest(name = "50: server-sent events count until the reader stops [{0}]")
    @EnumSource
    void serverSentEvents(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0)
                    .answers(new MockResponse.Builder()
                            .addHeader("Content-Type", "text/event-stream")
                            .body("data: 1\n\n".repeat(100_000)));
            try (Response response = cluster.call("/").execute()) {
                for (int i = 0; i < 100; i++) {
                    assertThat(response.body().source().readUtf8Line()).isEqualTo("data: 1");
                    assertThat(response.body().source().readUtf8Line()).isEmpty();
                    assertThat(cluster.inFlight()).isEqualTo(1);
                }
            }
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @ParameterizedTest(name = "51: a duplex call counts until both halves are over [{0}]")
    @EnumSource(names = {"H2", "H2C"})
    void duplex(Transport transport) throws Exception {
        CompletableFuture<String> received = new CompletableFuture<>();
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            cluster.backend(0)
                    .answers(new MockResponse.Builder().clearHeaders().socketHandler(stream -> talk(stream, received)));
            AtomicReference<BufferedSink> upload = new AtomicReference<>();
            RequestBody body = new RequestBody() {
                @Override
                public MediaType contentType() {
                    return null;
                }

                @Override
                public boolean isDuplex() {
                    return true;
                }

                @Override
                public void writeTo(BufferedSink sink) {
                    upload.set(sink);
                }
            };
            try (Response response = cluster.client
                    .newCall(cluster.request("/").post(body).build())
                    .execute()) {
                assertThat(response.body().string()).isEqualTo("early");
                assertThat(cluster.inFlight()).isEqualTo(1);
                upload.get().writeUtf8("late").close();
                cluster.awaitIdle();
            }
            assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo("late");
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    private static void talk(okio.Socket stream, CompletableFuture<String> received) {
        try (BufferedSink down = Okio.buffer(stream.getSink());
                BufferedSource up = Okio.buffer(stream.getSource())) {
            down.writeUtf8("early").close();
            received.complete(up.readUtf8());
        } catch (IOException e) {
            received.completeExceptionally(e);
        }
    }

    @Test
    @DisplayName("52: a response that is dropped without being closed is freed by the garbage collector")
    void abandoned() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            connect(cluster);
            cluster.backend(0).answers(large());
            abandon(cluster);
            cluster.awaitCollected();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.CANCELLED);
        }
    }

    /**
     * Has the connection made by a call that ends. OkHttp's task thread that connected for a call may go on referring to
     * that call while it waits for its next task, and so keep it from the garbage collector for minutes.
     */
    private static void connect(Cluster cluster) throws IOException {
        cluster.backend(0).answers(200, "connected");
        assertThat(cluster.get("/")).isEqualTo("connected");
    }

    private static void abandon(Cluster cluster) throws IOException {
        assertThat(cluster.call("/").execute().code()).isEqualTo(200);
        assertThat(cluster.inFlight()).isEqualTo(1);
    }

    @Test
    @DisplayName("53: what an interceptor throws, above or below, leaves nothing in flight")
    void interceptorsThrow() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            connect(cluster);
            Interceptor bad = chain -> {
                throw new IllegalStateException("bad");
            };
            cluster.client(c -> c.addInterceptor(bad));
            assertThatThrownBy(() -> cluster.get("/")).hasMessage("bad");
            assertThat(cluster.inFlight()).isZero();

            Interceptor badAbove = chain -> {
                chain.proceed(chain.request());
                throw new IllegalStateException("bad above");
            };
            cluster.client(c -> {
                c.interceptors().clear();
                return c.addInterceptor(badAbove).addInterceptor(cluster.interceptor);
            });
            cluster.backend(0).answers(large());
            assertThatThrownBy(() -> cluster.get("/")).hasMessage("bad above");
            cluster.awaitCollected();
            assertThat(cluster.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.CANCELLED, Outcome.CANCELLED);
        }
    }

    @Test
    @DisplayName("60: a call cancelled before it runs, or refused by the executor, picks nothing")
    void neverStarted() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            Call call = cluster.call("/");
            call.cancel();
            assertThatThrownBy(call::execute).isInstanceOf(IOException.class).hasMessage("Canceled");

            cluster.client.dispatcher().executorService().shutdown();
            CompletableFuture<String> refused = Enqueued.text(cluster.call("/"));
            assertThatThrownBy(() -> refused.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(InterruptedIOException.class);
            assertThat(cluster.pool.snapshot().servers().get(0).picks()).isZero();
        }
    }

    @Test
    @DisplayName("60: a call that is cancelled while it is picked for leaves nothing in flight")
    void cancelledInThePick() throws Exception {
        AtomicReference<Call> call = new AtomicReference<>();
        Balancer cancelling = (candidates, previous) -> context -> {
            call.get().cancel();
            return candidates.get(0);
        };
        try (Cluster cluster = Cluster.of(Transport.H1, cancelling, 1)) {
            call.set(cluster.call("/"));
            assertThatThrownBy(() -> call.get().execute()).hasMessage("Canceled");
            cluster.awaitIdle();
            assertThat(cluster.outcomes()).containsExactly(Outcome.CANCELLED);
        }
    }

    private static final class Echo extends WebSocketListener {
        final CompletableFuture<okhttp3.HttpUrl> opened = new CompletableFuture<>();
        final CompletableFuture<String> received = new CompletableFuture<>();
        final CountDownLatch over = new CountDownLatch(1);

        @Override
        public void onOpen(WebSocket socket, Response response) {
            opened.complete(response.request().url());
        }

        @Override
        public void onMessage(WebSocket socket, String text) {
            received.complete(text);
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            socket.close(code, reason);
        }

        @Override
        public void onFailure(WebSocket socket, Throwable t, Response response) {
            over.countDown();
        }
    }
}
