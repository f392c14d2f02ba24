package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interleavings")
@DisplayName("In whatever order threads begin and end attempts, the ledger's count and ages are of one moment")
@SuppressWarnings({"exports", "missing-explicit-ctor"}) // Lincheck makes instances from outside the package.
public class LedgerLincheckTest {
    private final Ledger ledger = new Ledger(0) {};

    @Operation
    public void begin(@Param(gen = IntGen.class, conf = "0:3") int second) {
        ledger.begin(second * 1_000_000_000L);
    }

    @Operation
    public boolean beginWithin(@Param(gen = IntGen.class, conf = "0:3") int second) {
        return ledger.beginWithin(2, second * 1_000_000_000L);
    }

    @Operation
    public void end(@Param(gen = IntGen.class, conf = "0:3") int second) {
        ledger.endWaiting(second * 1_000_000_000L);
    }

    @Operation
    public int inFlight() {
        return ledger.inFlight();
    }

    @Operation
    public long meanAge() {
        return ledger.meanAgeNanos(10_000_000_000L);
    }

    @Test
    void countAndAgesAreOfOneMoment() {
        Lincheck.check(LedgerLincheckTest.class);
        assertThat(ledger.inFlight()).isZero();
    }
}
