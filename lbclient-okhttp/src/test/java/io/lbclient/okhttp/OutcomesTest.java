package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each ending says about the server. The numbers are those of the adapter's checklist. */
@Timeout(120)
class OutcomesTest {
    @ParameterizedTest(name = "status {0} is {1}")
    @CsvSource({
        "101, SUCCESS", "200, SUCCESS", "204, SUCCESS", "304, SUCCESS", "400, SUCCESS", "401, SUCCESS",
        "404, SUCCESS", "408, SUCCESS", "429, OVERLOADED", "499, SUCCESS", "500, FAILURE", "501, FAILURE",
        "502, FAILURE", "503, OVERLOADED", "504, FAILURE", "599, FAILURE"
    })
    void statuses(int status, Outcome outcome) {
        assertThat(Outcomes.of(status)).isEqualTo(outcome);
    }

    @ParameterizedTest(name = "what the pool is told of status {0} is {1}")
    @CsvSource({"200, SUCCESS", "404, SUCCESS", "429, OVERLOADED", "500, FAILURE", "503, OVERLOADED"})
    void statusesOfRealServers(int status, Outcome outcome) throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.withoutRetries().backend(0).answers(status, "x");
            cluster.get("/");
            assertThat(cluster.outcomes()).containsExactly(outcome);
        }
    }

    @ParameterizedTest(name = "informational answers are not the answer [{0}]")
    @EnumSource
    void informational(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 1)) {
            cluster.backend(0)
                    .answers(new MockResponse.Builder()
                            .addInformationalResponse(
                                    new MockResponse.Builder().code(103).build())
                            .code(500)
                            .body("late"));
            assertThat(cluster.get("/")).isEqualTo("late");
            assertThat(cluster.outcomes()).containsExactly(Outcome.FAILURE);
        }
    }

    @ParameterizedTest(name = "56: the caller's cancel while waiting says nothing about the server [{0}]")
    @EnumSource
    void cancelled(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            Call call = cluster.call("/");
            CompletableFuture<String> answer = Enqueued.text(call);
            Await.until("a has the request", () -> cluster.backend(0).hits() == 1);
            call.cancel();
            assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a CANCELLED");
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("56: an interrupted thread is a caller who gave up")
    void interrupted() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H2C, 2)) {
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    cluster.get("/");
                } catch (IOException e) {
                    thrown.complete(e);
                }
            });
            caller.start();
            Await.until("a has the request", () -> cluster.backend(0).hits() == 1);
            Await.until("the caller waits", () -> caller.getState() != Thread.State.RUNNABLE);
            caller.interrupt();
            assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a CANCELLED");
            assertThat(cluster.backend(1).hits()).isZero();
        }
    }

    @Test
    @DisplayName("57: nothing was sent, or something was: a refused and a lost connection are told apart")
    void connectFailureOrFailure() throws Exception {
        try (Backend lost = new Backend("lost", Transport.H1);
                Cluster cluster = Cluster.behind(Transport.H1, List.of(Ports.closed("refused")), lost)) {
            lost.answers(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()));
            cluster.withoutRetries();
            assertThatThrownBy(() -> cluster.get("/")).isInstanceOf(IOException.class);
            assertThat(cluster.trail()).containsExactly("refused CONNECT_FAILURE", "lost FAILURE");
        }
    }

    @Test
    @DisplayName("58: the latency is that of the first byte, however long the body takes")
    void timeToFirstByte() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.backend(0).answers(new MockResponse.Builder().body("x".repeat(1 << 20)));
            try (Response response = cluster.call("/").execute()) {
                long atHeaders = cluster.pool.snapshot().servers().get(0).latencyNanos();
                assertThat(atHeaders).as("taken before the body is read").isPositive();
                response.body().bytes();
            }
        }
    }

    @Test
    @DisplayName("58: a failing answer leaves no latency, or failing fast would look fast")
    void failuresAreNotFast() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 1)) {
            cluster.backend(0).answers(500, "x");
            cluster.get("/");
            assertThat(cluster.pool.snapshot().servers().get(0).latencyNanos()).isZero();
        }
    }

    @ParameterizedTest(name = "59: the call timeout spans the attempts, and the one it strikes is a timeout [{0}]")
    @EnumSource
    void callTimeoutSpansAttempts(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 3)) {
            cluster.backend(0).answers(503, "busy");
            cluster.backend(1).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            cluster.client(c -> c.callTimeout(1, TimeUnit.HOURS));
            Call call = cluster.call("/");
            CompletableFuture<IOException> failed = Enqueued.failure(call);
            Await.until("b has the request", () -> cluster.backend(1).hits() == 1);
            Cluster.timeOut(call);
            assertThat(failed.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessage("timeout");
            cluster.awaitIdle();
            assertThat(cluster.trail()).containsExactly("a OVERLOADED", "b TIMEOUT");
            assertThat(cluster.backend(2).hits()).isZero();
        }
    }

    @Test
    @DisplayName("a request body that cannot be read is no failure of the server, and is not tried elsewhere")
    void unreadableRequestBody() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            RequestBody unreadable = new RequestBody() {
                @Override
                public MediaType contentType() {
                    return null;
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                    throw new FileNotFoundException("upload.bin");
                }
            };
            assertThatThrownBy(() -> cluster.client
                            .newCall(cluster.request("/").put(unreadable).build())
                            .execute())
                    .isInstanceOf(FileNotFoundException.class);
            assertThat(cluster.trail()).containsExactly("a CANCELLED");
        }
    }

    @Test
    @DisplayName("a request body that is shorter than it says is no failure of the server")
    void requestBodyThatEndsTooSoon() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            RequestBody tooShort = new RequestBody() {
                @Override
                public MediaType contentType() {
                    return null;
                }

                @Override
                public long contentLength() {
                    return 10;
                }

                @Override
                public void writeTo(BufferedSink sink) throws IOException {
                    sink.writeUtf8("body");
                }
            };
            assertThatThrownBy(() -> cluster.client
                            .newCall(cluster.request("/").put(tooShort).build())
                            .execute())
                    .isInstanceOf(ProtocolException.class);
            assertThat(cluster.trail()).containsExactly("a CANCELLED");
        }
    }

    @Test
    @DisplayName("what an interceptor below fails with is no failure of the server")
    void interceptorFails() throws Exception {
        try (Cluster cluster = Cluster.inOrder(Transport.H1, 2)) {
            cluster.client(c -> c.addNetworkInterceptor(chain -> {
                throw new IOException("not today");
            }));
            assertThatThrownBy(() -> cluster.get("/")).hasMessage("not today");
            assertThat(cluster.trail()).containsExactly("a NOT_SENT");
        }
    }

    @Test
    @DisplayName("an answer that is not HTTP is a failure of the server")
    void malformedAnswer() throws Exception {
        try (RawServer server = new RawServer(connection -> {
                    connection.read();
                    connection.write("GARBAGE\r\n\r\n");
                });
                Backend up = new Backend("up", Transport.H1);
                Cluster cluster = Cluster.behind(Transport.H1, List.of(server.asServer("a")), up)) {
            assertThat(cluster.get("/")).isEqualTo(up.name);
            assertThatThrownBy(() -> cluster.post("/", "body").execute()).isInstanceOf(ProtocolException.class);
            assertThat(cluster.trail()).containsExactly("a FAILURE", "up SUCCESS", "a FAILURE");
        }
    }

    @ParameterizedTest(name = "bug 36: a cancel between the answer and the next try leaks nothing [{0}]")
    @EnumSource
    void cancelBetweenTries(Transport transport) throws Exception {
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.inOrder(transport, 2)) {
            cluster.backend(0).answers(503, "busy");
            cluster.client(c -> c.addNetworkInterceptor(chain -> {
                Response response = chain.proceed(chain.request());
                chain.call().cancel();
                return response;
            }));
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> cluster.get("/")).isInstanceOf(IOException.class);
            }
            assertThat(cluster.inFlight()).isZero();
            assertThat(cluster.backend(1).hits()).isZero();
            Await.until("no connection is in use", () -> {
                System.gc();
                return cluster.client.connectionPool().connectionCount()
                        == cluster.client.connectionPool().idleConnectionCount();
            });
            assertThat(log.leaks).isEmpty();
        }
    }

    @ParameterizedTest(name = "bug 38: after a timeout at a black hole the next calls are not held up by it [{0}]")
    @EnumSource(names = {"H2", "H2C"})
    void timedOutConnection(Transport transport) throws Exception {
        try (Cluster cluster = Cluster.inOrder(transport, 2)) {
            assertThat(cluster.get("/connected")).isEqualTo("a");
            cluster.backend(0).answers(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE));
            cluster.impatientWith(cluster.backend(0), Duration.ofMillis(300));
            for (int i = 0; i < 3; i++) {
                assertThat(cluster.get("/")).isEqualTo("b");
            }
            cluster.awaitIdle();
            assertThat(cluster.trail())
                    .containsExactly(
                            "a SUCCESS", "a TIMEOUT", "b SUCCESS", "a TIMEOUT", "b SUCCESS", "a TIMEOUT", "b SUCCESS");
        }
    }
}
