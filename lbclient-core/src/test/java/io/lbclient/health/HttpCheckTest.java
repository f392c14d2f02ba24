package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Server;
import io.lbclient.health.HealthCheck.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpCheckTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private final ExecutorService executor = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() throws InterruptedException {
        executor.shutdownNow();
        assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    private Result run(HealthCheck check, int port) {
        CompletableFuture<Result> answer = check.check(Server.of("127.0.0.1", port), executor);
        try {
            return answer.orTimeout(60, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            return Result.failed(String.valueOf(e.getCause()));
        }
    }

    private Result answered(String answer, HttpCheck.Builder check) throws IOException {
        try (CannedServer server = CannedServer.answering(answer)) {
            return run(check.build(), server.port());
        }
    }

    @Test
    void aConnectionIsEnoughForTcp() throws IOException {
        int port;
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = listener.getLocalPort();
            assertThat(run(HealthCheck.tcp(), port)).isEqualTo(Result.PASSED);
        }
        assertThat(run(HealthCheck.tcp(), port).detail()).startsWith("java.net.ConnectException");
    }

    @Test
    void anUnknownHostHasFailed() {
        CompletableFuture<Result> answer = HealthCheck.tcp().check(Server.of("no-such-host.invalid", 80), executor);
        assertThat(answer).failsWithin(java.time.Duration.ofMinutes(2));
    }

    @Test
    void theRequestIsWhatWasAskedFor() throws Exception {
        try (CannedServer server = CannedServer.answering(OK + "\r\n")) {
            HttpCheck check = HttpCheck.builder("/ready?deep=1")
                    .method("HEAD")
                    .hostHeader("orders.internal")
                    .header("X-Probe", "lb client")
                    .build();
            assertThat(run(check, server.port())).isEqualTo(Result.PASSED);
            assertThat(server.request())
                    .containsExactly(
                            "HEAD /ready?deep=1 HTTP/1.1",
                            "Host: orders.internal",
                            "Connection: close",
                            "X-Probe: lb client");
            assertThat(run(HealthCheck.http("/"), server.port())).isEqualTo(Result.PASSED);
            assertThat(server.request()).startsWith("GET / HTTP/1.1", "Host: 127.0.0.1:" + server.port());
        }
    }

    @ParameterizedTest
    @CsvSource({"200, true", "204, true", "299, true", "300, false", "404, false", "429, false", "503, false"})
    void theStatusDecides(int status, boolean passes) throws IOException {
        Result result = answered("HTTP/1.1 " + status + " Whatever\r\n\r\n", HttpCheck.builder("/"));
        assertThat(result.passed()).isEqualTo(passes);
        assertThat(result.detail()).isEqualTo(passes ? "" : "HTTP status " + status);
    }

    @Test
    void whichStatusesPassCanBeChosen() throws IOException {
        String redirect = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n";
        assertThat(answered(redirect, HttpCheck.builder("/").status(302, 302))).isEqualTo(Result.PASSED);
        assertThat(answered(redirect, HttpCheck.builder("/")).passed()).isFalse();
    }

    @Test
    void anInterimAnswerIsNotTheAnswer() throws IOException {
        assertThat(answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n", HttpCheck.builder("/"))
                        .detail())
                .isEqualTo("HTTP status 500");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 11\r\n\r\nstatus: UP\n",
                "\r\nstatus: UP\n",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nstat\r\n7;a=b\r\nus: UP\n\r\n0\r\n\r\n",
                "Transfer-Encoding: CHUNKED\r\n\r\nb\r\nstatus: UP\n\r\n0\r\nTrailer: x\r\n\r\n",
            })
    void theBodyIsFoundHoweverItIsSent(String rest) throws IOException {
        assertThat(answered(OK + rest, HttpCheck.builder("/").bodyContains("status: UP")))
                .isEqualTo(Result.PASSED);
        assertThat(answered(OK + rest, HttpCheck.builder("/").bodyContains("DOWN"))
                        .detail())
                .isEqualTo("the body does not contain the expected text");
    }

    @Test
    void noMoreOfTheBodyIsReadThanAllowed() throws IOException {
        String body = "x".repeat(100) + "UP" + "x".repeat(100);
        for (String rest : new String[] {
            "\r\n" + body,
            "Content-Length: 202\r\n\r\n" + body,
            "Content-Length: 999999999999\r\n\r\n" + body,
            "Transfer-Encoding: chunked\r\n\r\nca\r\n" + body + "\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nca\r\n" + body.substring(0, 102)
        }) {
            assertThat(answered(
                            OK + rest, HttpCheck.builder("/").bodyContains("UP").maxBodyBytes(102)))
                    .isEqualTo(Result.PASSED);
            assertThat(answered(
                                    OK + rest,
                                    HttpCheck.builder("/").bodyContains("UP").maxBodyBytes(101))
                            .passed())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SSH-2.0-OpenSSH_9\r\n",
                "HTTP/1.1 200",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: ff\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nUP",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nUP",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nUP",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nUP",
            })
    void whatIsNotHttpHasFailed(String answer) throws IOException {
        Result result = answered(answer, HttpCheck.builder("/").bodyContains("UP"));
        assertThat(result.passed()).isFalse();
        assertThat(result.detail()).startsWith("java.net.");
    }

    @Test
    void aHeadWithoutEndHasFailed() throws IOException {
        assertThat(answered(OK + "X: y\r\n".repeat(20_000), HttpCheck.builder("/"))
                        .detail())
                .contains("longer than 32768 bytes");
        assertThat(answered("x".repeat(100_000), HttpCheck.builder("/")).passed())
                .isFalse();
    }

    @Test
    void thePortMayBeAnotherThanTheServers() throws IOException {
        try (CannedServer server = CannedServer.answering(OK + "\r\n")) {
            HttpCheck check = HttpCheck.builder("/").port(server.port()).build();
            assertThat(run(check, 1)).isEqualTo(Result.PASSED);
        }
    }

    @Test
    void aCancelledCheckHangsUp() throws Exception {
        try (CannedServer server = CannedServer.silent()) {
            CompletableFuture<Result> check =
                    HealthCheck.http("/").check(Server.of("127.0.0.1", server.port()), executor);
            server.request();
            check.cancel(true);
            assertThat(server.hangUps.poll(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aCheckThatIsCancelledInTheMomentInWhichItConnectsHangsUp() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        try (ServerSocket listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress())) {
            Server server = Server.of("127.0.0.1", listener.getLocalPort());
            for (int round = 0; round < 200; round++) {
                CompletableFuture<Result> check = HealthCheck.http("/").check(server, executor);
                for (int i = random.nextInt(20_000); i > 0; i--) {
                    Thread.onSpinWait();
                }
                check.cancel(true);
            }
            executor.shutdown();
            assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();

            // All that were made are in the queue by now.
            listener.setSoTimeout(100);
            assertThatThrownBy(() -> {
                        while (true) {
                            assertEnds(listener.accept());
                        }
                    })
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("Accept timed out");
        }
    }

    private static void assertEnds(Socket connection) throws IOException {
        try (connection) {
            connection.setSoTimeout(60_000);
            connection.getInputStream().readAllBytes();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the other end is open", e);
        } catch (SocketException e) {
            // A reset is an end, too.
        }
    }

    @Test
    void nonsenseIsRejectedWhereItIsGiven() {
        rejects("path: health", () -> HttpCheck.builder("health"));
        rejects("path: ", () -> HttpCheck.builder("/a\r\nX: y"));
        HttpCheck.Builder builder = HttpCheck.builder("/");
        rejects("method: get", () -> builder.method("get"));
        rejects("method: ", () -> builder.method(""));
        rejects("hostHeader: ", () -> builder.hostHeader("a\r\nb"));
        rejects("header: Host", () -> builder.header("Host", "x"));
        rejects("header: a b", () -> builder.header("a b", "x"));
        rejects("X-Y: ", () -> builder.header("X-Y", "a\nb"));
        rejects("lowest: 100", () -> builder.status(100, 200));
        rejects("highest: 200 (expected: 300 to 599)", () -> builder.status(300, 200));
        rejects("bodyContains", () -> builder.bodyContains(""));
        rejects("maxBodyBytes: 0", () -> builder.maxBodyBytes(0));
        rejects("port: 0", () -> builder.port(0));
        rejects(
                "method: HEAD",
                () -> HttpCheck.builder("/").method("HEAD").bodyContains("x").build());
    }

    private static void rejects(String message, Runnable setting) {
        assertThatIllegalArgumentException().isThrownBy(setting::run).withMessageStartingWith(message);
    }
}
