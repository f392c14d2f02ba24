package io.lbclient;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two threads begin and end attempts, and one of them looks: the count and the ages that it sees are of one moment. */
@JCStressTest
@Outcome(id = "2, 0, 0", expect = Expect.ACCEPTABLE, desc = "The younger one.")
@Outcome(id = "5, 0, 0", expect = Expect.ACCEPTABLE, desc = "Both.")
@Outcome(expect = Expect.FORBIDDEN, desc = "An age that no attempt has, or a count that does not end at zero.")
@State
public class LedgerStress {
    private static final long UNIT = 1L << 14;

    private final Ledger ledger = new Ledger(0) {};

    /** Begins and ends the older attempt. */
    @Actor
    public void older() {
        ledger.begin(2 * UNIT);
        ledger.endWaiting(2 * UNIT);
    }

    /** Begins and ends the younger attempt, and looks in between. */
    @Actor
    public void younger(III_Result r) {
        ledger.begin(8 * UNIT);
        r.r1 = (int) (ledger.meanAgeNanos(10 * UNIT) / UNIT);
        ledger.answer(8 * UNIT);
        ledger.endAnswered();
    }

    /** Counts. */
    @Arbiter
    public void count(III_Result r) {
        r.r2 = ledger.inFlight();
        r.r3 = (int) (ledger.picks() - 2);
    }
}
