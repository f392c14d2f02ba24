package io.lbclient.okhttp;

import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Response;

/** The retry policy that a balanced client has unless told otherwise. */
final class Retries {
    private static final int MAX_RETRIES = 2;
    private static final Duration FIRST = Duration.ofMillis(25);
    private static final Duration LAST = Duration.ofMillis(250);

    /**
     * Waits with full jitter, that is, between nothing and 25 ms, 50 ms and so on. Failsafe's jitter of 1 draws between
     * nothing and twice the delay, so the delays are half of that. What is handed to it is a failure already.
     */
    static final RetryPolicy<Response> POLICY = RetryPolicy.<Response>builder()
            .handle(IOException.class)
            .handleResultIf(response -> true)
            .withMaxRetries(MAX_RETRIES)
            .withBackoff(FIRST.dividedBy(2), LAST.dividedBy(2))
            .withJitter(1.0)
            .build();

    private Retries() {}
}
