package io.lbclient;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interleavings")
@DisplayName("In whatever order threads note, complete and close an attempt, it is ended once")
@SuppressWarnings({"exports", "missing-explicit-ctor"}) // Lincheck makes instances from outside the package.
public class AttemptLincheckTest {
    private final ServerState server = Lincheck.server();
    private final Attempt attempt = Lincheck.attempt(server);
    private volatile boolean ended;

    @Operation
    public boolean answered() {
        return attempt.answered();
    }

    @Operation
    public boolean succeed() {
        ended = true;
        return attempt.complete(Outcome.SUCCESS);
    }

    @Operation
    public boolean fail() {
        ended = true;
        return attempt.complete(Outcome.FAILURE);
    }

    @Operation
    public void close() {
        ended = true;
        attempt.close();
    }

    @Validate
    public void isInFlightUntilItIsEnded() {
        int expected = ended ? 0 : 1;
        if (server.inFlight() != expected || server.picks() != 1) {
            throw new IllegalStateException(server.inFlight() + " in flight (expected: " + expected + ")");
        }
    }

    @Test
    void isEndedOnce() {
        Lincheck.check(AttemptLincheckTest.class);
    }
}
