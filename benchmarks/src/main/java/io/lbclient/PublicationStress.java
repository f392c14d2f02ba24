package io.lbclient;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A pick while the list is replaced, and another one: each sees a whole list, and none goes back to an older one. */
@JCStressTest
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "Both before.")
@Outcome(id = "1, 2, 2", expect = Expect.ACCEPTABLE, desc = "One before and one after.")
@Outcome(id = "2, 2, 2", expect = Expect.ACCEPTABLE, desc = "Both after.")
@Outcome(expect = Expect.FORBIDDEN, desc = "None, half of one, or an older one again.")
@State
public class PublicationStress {
    private static final Server ONE = Server.of("h", 1);
    private static final Server TWO = Server.of("h", 2);

    private final ServerPool pool = ServerPool.builder("stress")
            .healthMonitors()
            .ticker(() -> 0)
            .servers(ONE)
            .build();

    /** Replaces the list. */
    @Actor
    public void update() {
        pool.update(List.of(TWO));
    }

    /** Picks twice. */
    @Actor
    public void pick(III_Result r) {
        r.r1 = pool.pick().server().port();
        r.r2 = pool.pick().server().port();
    }

    /** Picks once more. */
    @Arbiter
    public void after(III_Result r) {
        r.r3 = pool.pick().server().port();
    }
}
