package io.lbclient.notify;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Posts one message after the other to the receiver, with retries. Used by the worker's thread alone. */
final class Webhook {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorNotifier.class);
    private static final double JITTER = 0.2;
    /** Within the time for the whole request: who does not even answer the connect is tried again sooner. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** The client hands its callbacks to these threads; TLS needs more than the one that waits for the sockets. */
    private static final int CLIENT_THREADS = 2;

    private final HttpRequest.Builder template;
    private final Duration requestTimeout;
    private final FailsafeExecutor<Object> retries;
    private final ThreadPoolExecutor threads;
    // Null once closed: before Java 21 a client's last thread ends only when nothing refers to the client any more.
    private @Nullable HttpClient client;

    Webhook(OperatorNotifier.Builder settings) {
        requestTimeout = settings.requestTimeout;
        template = HttpRequest.newBuilder(settings.webhook)
                .timeout(requestTimeout)
                .header("Content-Type", "application/json")
                .header("User-Agent", "lbclient-notify");
        settings.headers.forEach(template::setHeader);
        threads = new ThreadPoolExecutor(
                CLIENT_THREADS,
                CLIENT_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> OperatorNotifier.daemon("lbclient-notify-http", task));
        threads.allowCoreThreadTimeOut(true);
        // No redirects: they would carry the secret header, and the message, to whomever the receiver names.
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(threads)
                .build();
        retries = Failsafe.with(RetryPolicy.builder()
                .handle(IOException.class)
                .abortOn(Refused.class)
                .withMaxAttempts(settings.maxAttempts)
                .withBackoff(settings.firstBackoff, settings.longestBackoff)
                .withJitter(JITTER)
                .withMaxDuration(settings.giveUpAfter)
                .onFailedAttempt(failed -> LOG.debug(
                        "webhook {}: attempt {} failed: {}",
                        Checks.origin(settings.webhook),
                        failed.getAttemptCount(),
                        Printable.of(String.valueOf(failed.getLastException()))))
                .build());
    }

    /**
     * Posts until the receiver takes it, refuses it, or the attempts or the time for them are used up.
     *
     * @throws IOException if it was not taken
     */
    void post(byte[] body) throws IOException, InterruptedException {
        HttpRequest request = template.copy()
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            retries.run(() -> attempt(request));
        } catch (FailsafeException e) {
            if (e.getCause() instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private void attempt(HttpRequest request) throws IOException, InterruptedException {
        HttpClient open = client;
        if (open == null) {
            throw new IOException("the notifier is closed");
        }
        CompletableFuture<HttpResponse<Void>> answer = open.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        int status;
        try {
            // The client's own timeout ends with the headers: a receiver that never ends its answer must not hold us.
            status = answer.get(requestTimeout.toNanos(), TimeUnit.NANOSECONDS).statusCode();
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new HttpTimeoutException("no complete answer within " + requestTimeout);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        }
        check(status);
    }

    private static void check(int status) throws IOException {
        if (status >= 200 && status < 300) {
            return;
        }
        if (status >= 500 || status == 429 || status == 408) {
            throw new IOException("status " + status);
        }
        throw new Refused(status);
    }

    /** Ends the client and its threads. Interrupts whatever is still under way if the caller is interrupted. */
    void close() {
        HttpClient open = client;
        client = null;
        try {
            // A client can be closed since Java 21.
            if (open instanceof AutoCloseable closeable) {
                closeable.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException("closing the HTTP client", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** The receiver understood and said no: to say it again would change nothing. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(int status) {
            super("status " + status);
        }
    }
}
