package io.lbclient.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetryRunTest {
    private final RetryPolicy<Integer> policy = RetryPolicy.<Integer>builder()
            .handle(IOException.class)
            .handleResultIf(code -> code >= 500)
            .abortIf(code -> code == 501)
            .withBackoff(Duration.ofMillis(10), Duration.ofMillis(80))
            .withMaxRetries(3)
            .build();

    @Test
    void thePolicySaysWhatIsRetriedHowOftenAndAfterWhichTime() {
        RetryRun<Integer> run = new RetryRun<>(policy);

        assertThat(run.after(503)).isEqualTo(Duration.ofMillis(10));
        assertThat(run.after(new IOException("lost"))).isEqualTo(Duration.ofMillis(20));
        assertThat(run.after(500)).isEqualTo(Duration.ofMillis(40));
        assertThat(run.after(500)).as("the fourth attempt").isNull();
        assertThat(run.after(500)).as("and whoever asks again").isNull();
        assertThat(run.after(new IOException("lost"))).isNull();
    }

    @Test
    void whatThePolicyDoesNotHandleOrAbortsOnIsNotRetried() {
        assertThat(new RetryRun<>(policy).after(200)).isNull();
        assertThat(new RetryRun<>(policy).after(501)).isNull();
        assertThat(new RetryRun<>(policy).after(new IllegalStateException("not ours")))
                .isNull();
    }

    @Test
    void itsListenersAreTold() {
        List<String> told = new ArrayList<>();
        RetryPolicy<Integer> heard = RetryPolicy.<Integer>builder()
                .handleResultIf(code -> code >= 500)
                .withMaxRetries(1)
                .onFailedAttempt(e -> told.add("failed " + e.getLastResult()))
                .onRetriesExceeded(e -> told.add("exceeded " + e.getResult()))
                .build();
        RetryRun<Integer> run = new RetryRun<>(heard);
        run.after(500);
        run.after(502);

        assertThat(told).containsExactly("failed 500", "failed 502", "exceeded 502");
    }

    @Test
    void aFullJitterOfFailsafeIsBetweenNothingAndTwiceTheDelay() {
        RetryPolicy<Integer> jittered = RetryPolicy.<Integer>builder()
                .handleResultIf(code -> code >= 500)
                .withBackoff(Duration.ofMillis(10), Duration.ofMillis(20))
                .withJitter(1.0)
                .withMaxRetries(2)
                .build();
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 2000; i++) {
            Duration delay = new RetryRun<>(jittered).after(500);
            assertThat(delay).isNotNull();
            least = Math.min(least, delay.toNanos());
            most = Math.max(most, delay.toNanos());
        }
        assertThat(least).isLessThan(1_000_000);
        assertThat(most).isBetween(19_000_000L, 20_000_000L);
    }
}
