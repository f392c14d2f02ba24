package io.lbclient;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("In whatever order ejection, readmission and leaving meet, what is raised and what is counted agree")
public class ConsecutiveFailuresLincheckTest {
    private final ServerState server = Lincheck.server();
    private final ConsecutiveFailures.PoolWatch watch = new ConsecutiveFailures(1).start(Lincheck.pool(server));
    private final HealthMonitor.OutcomeObserver observer = watch.joined(server);
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
        watch.left(server);
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
