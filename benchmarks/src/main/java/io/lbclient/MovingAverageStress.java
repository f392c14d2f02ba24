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
@Outcome(id = "36, 200, 200", expect = Expect.ACCEPTABLE, desc = "Before it: 100 after one lifetime.")
@Outcome(id = "200, 200, 200", expect = Expect.ACCEPTABLE, desc = "After it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Torn, lost, or none.")
@State
public class MovingAverageStress {
    private static final long SECOND = 1_000_000_000;

    private final MovingAverage average = new MovingAverage(10 * SECOND);

    /** Begins with a sample. */
    public MovingAverageStress() {
        average.addPeak(100, 0);
    }

    /** Looks, and takes the smaller sample. */
    @Actor
    public void smaller(III_Result r) {
        r.r1 = (int) average.at(10 * SECOND);
        average.addPeak(150, 10 * SECOND);
    }

    /** Takes the greater sample. */
    @Actor
    public void greater() {
        average.addPeak(200, 10 * SECOND);
    }

    /** Looks again. */
    @Arbiter
    public void end(III_Result r) {
        r.r2 = (int) average.at(10 * SECOND);
        r.r3 = (int) Math.rint(average.at(0));
    }
}
