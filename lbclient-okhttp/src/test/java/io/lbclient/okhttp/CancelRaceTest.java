package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.balancer.Balancers;
import io.lbclient.retry.ConcurrencyLimits;
import io.lbclient.retry.Hedge;
import io.lbclient.retry.PerTryTimeout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Response;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cancels that meet every stage of a call: queued, waiting for a retry, hedged, answered. */
@Timeout(120)
class CancelRaceTest {
    private static final int CALLS = 600;
    private static final int THREADS = 6;

    @ParameterizedTest(
            name =
                    "bugs 25 and 36, I26: calls that are cancelled at random leak no response, no place and no socket [{0}, races: {1}]")
    @CsvSource({"H1, false", "H1, true", "H2C, false", "H2C, true"})
    void nothingLeaks(Transport transport, boolean races) throws Exception {
        long sockets;
        try (LeakLog log = new LeakLog();
                Cluster cluster = Cluster.with(
                        b -> b.balancer(Balancers.random()).healthMonitors(ConcurrencyLimits.fixed(2)), transport, 3)) {
            cluster.calls(c -> races
                    ? c.hedge(Hedge.after(Duration.ofMillis(2)).withShare(1))
                            .perTryTimeout(PerTryTimeout.of(Duration.ofMillis(20)))
                    : c);
            misbehave(cluster);
            sockets = sockets();
            assertThat(answered(cluster)).isGreaterThan(CALLS / 10);
            Await.until("nothing is in flight any more", () -> cluster.inFlight() == 0);
            if (!transport.http2()) {
                // Over HTTP/2, a cancel that meets the moment before the answer leaves a call in OkHttp that never
                // ends.
                cluster.awaitIdleConnections();
                assertThat(log.leaks).isEmpty();
            }
        }
        Await.until("all sockets are closed", () -> sockets() <= sockets);
    }

    private static void misbehave(Cluster cluster) {
        AtomicInteger turn = new AtomicInteger();
        cluster.backends.forEach(b -> b.answers(request -> switch (turn.incrementAndGet() % 8) {
            case 0 -> Backend.text(503, "busy");
            case 1 ->
                new MockResponse.Builder()
                        .onResponseStart(new SocketEffect.CloseSocket())
                        .build();
            case 2 ->
                new MockResponse.Builder()
                        .body("x".repeat(2000))
                        .headersDelay(5, TimeUnit.MILLISECONDS)
                        .build();
            default -> Backend.text(200, b.name);
        }));
    }

    private static int answered(Cluster cluster) throws Exception {
        AtomicInteger answered = new AtomicInteger();
        ExecutorService cancellers = Executors.newFixedThreadPool(2);
        try {
            Callers.make(CALLS, THREADS, number -> {
                if (call(cluster, new SplittableRandom(number), cancellers)) {
                    answered.incrementAndGet();
                }
            });
        } finally {
            cancellers.shutdown();
        }
        return answered.get();
    }

    private static boolean call(Cluster cluster, SplittableRandom random, ExecutorService cancellers) {
        Call call = cluster.call("/");
        if (random.nextInt(3) == 0) {
            int micros = random.nextInt(8000);
            cancellers.execute(() -> {
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
                call.cancel();
            });
        }
        try (Response response = call.execute()) {
            response.body().string();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static long sockets() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(file -> {
                        try {
                            return Files.readSymbolicLink(file).toString().startsWith("socket:");
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }
}
