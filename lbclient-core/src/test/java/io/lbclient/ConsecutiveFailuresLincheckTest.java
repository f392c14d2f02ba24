package io.lbclient;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interleavings")
@DisplayName("In whatever order ejection, readmission and leaving meet, what is raised and what is counted agree")
@SuppressWarnings({"exports", "missing-explicit-ctor"}) // Lincheck makes instances from outside the package.
public class ConsecutiveFailuresLincheckTest {
    private final ServerState server = Lincheck.server();
    private final ConsecutiveFailures.PoolWatch watch = new ConsecutiveFailures(1).start(Lincheck.pool(server));
    private final ConsecutiveFailures.ServerWatch observer = watch.joined(server);
    private volatile boolean left;

    @Operation
    public void connectFailure() {
        observer.onOutcome(Outcome.CONNECT_FAILURE, 0, false);
    }

    @Operation
    public void trialSucceeds() {
        observer.onOutcome(Outcome.SUCCESS, 0, true);
    }

    @Operation
    public void trialFails() {
        observer.onOutcome(Outcome.CONNECT_FAILURE, 0, true);
    }

    @Operation(runOnce = true)
    public void leave() {
        left = true;
        // What leaving does, without the look-up by identity hash, which differs from one run to the next.
        observer.end();
    }

    @Validate
    public void agree() {
        int raised = server.health().has(HealthCause.OUTLIER) ? 1 : 0;
        if (left ? watch.ejected() != 0 : watch.ejected() != raised) {
            throw new IllegalStateException(watch.ejected() + " counted, " + raised + " raised");
        }
    }

    @Test
    void whatIsRaisedAndWhatIsCountedAgree() {
        Lincheck.check(ConsecutiveFailuresLincheckTest.class);
    }
}
