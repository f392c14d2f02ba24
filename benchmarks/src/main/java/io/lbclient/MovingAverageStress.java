package io.lbclient;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two samples and a look at once: a value is never seen with another's time, and the greater sample is never lost. */
@JCStressTest
@Outcome(id = "36, 200, 200", expect = Expect.ACCEPTABLE, desc = "Before both: 100 after one lifetime.")
@Outcome(id = "150, 200, 200", expect = Expect.ACCEPTABLE, desc = "After the smaller one.")
@Outcome(id = "200, 200, 200", expect = Expect.ACCEPTABLE, desc = "After the greater one.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Torn, lost, or none.")
@State
public class MovingAverageStress {
    private static final long SECOND = 1_000_000_000;

    private final MovingAverage average = new MovingAverage(10 * SECOND);

    /** Begins with a sample. */
    public MovingAverageStress() {
        average.addPeak(100, 0);
    }

    /** Takes the smaller sample. */
    @Actor
    public void smaller() {
        average.addPeak(150, 10 * SECOND);
    }

    /** Takes the greater sample. */
    @Actor
    public void greater() {
        average.addPeak(200, 10 * SECOND);
    }

    /** Looks. */
    @Actor
    public void look(III_Result r) {
        r.r1 = (int) average.at(10 * SECOND);
    }

    /** Looks again. */
    @Arbiter
    public void end(III_Result r) {
        r.r2 = (int) average.at(10 * SECOND);
        r.r3 = (int) Math.rint(average.at(0));
    }
}
