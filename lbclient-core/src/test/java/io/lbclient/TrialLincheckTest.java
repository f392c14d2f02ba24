package io.lbclient;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interleavings")
@DisplayName(
        "In whatever order causes change and trials are offered, one pick takes each, and none of an eligible server")
@SuppressWarnings({"exports", "missing-explicit-ctor"}) // Lincheck makes instances from outside the package.
public class TrialLincheckTest {
    private static final Object ANOTHER = "another monitor";

    private final ServerState server = Lincheck.server();

    @Operation
    public boolean offer() {
        return server.offerTrial();
    }

    @Operation
    public boolean take() {
        return server.takeTrial();
    }

    @Operation
    public boolean eject() {
        return server.raise(HealthCause.OUTLIER, "", null);
    }

    @Operation
    public boolean readmit() {
        return server.clear(HealthCause.OUTLIER, "");
    }

    @Operation
    public boolean ejectToo() {
        return server.change(before -> before.raised(HealthCause.OUTLIER, new Raise(ANOTHER, "", null)));
    }

    @Operation
    public boolean readmitToo() {
        return server.change(before -> before.cleared(HealthCause.OUTLIER, ANOTHER, ""));
    }

    @Operation
    public boolean overrule() {
        return server.change(before -> before.overruled(HealthCause.OUTLIER, ""));
    }

    @Operation
    public boolean drain() {
        return server.raise(HealthCause.DRAINING, "", null);
    }

    @Operation
    public boolean resume() {
        return server.clear(HealthCause.DRAINING, "");
    }

    @Operation
    public int news() {
        return server.takeNews().size();
    }

    @Test
    void oneTakesEachTrial() {
        Lincheck.check(TrialLincheckTest.class);
    }
}
