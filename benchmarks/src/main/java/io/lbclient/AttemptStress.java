package io.lbclient;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** An attempt that two threads end, or that one answers while another ends it: it is ended once, and exactly. */
public class AttemptStress {
    private static final PoolState POOL = new PoolState(ServerPool.builder("stress"));
    private static final PoolView VIEW = new PoolView(POOL, "stress", server -> true, server -> true);
    private static final Server SERVER = Server.of("h", 1);

    /** What both tests work on. */
    public static class Begun {
        final ServerState server = new ServerState(POOL, SERVER);
        final Attempt attempt = new Attempt(VIEW, RequestView.EMPTY, null, 0);

        {
            attempt.begin(server, false);
        }
    }

    /** Completion against cancellation. */
    @JCStressTest
    @Outcome(
            id = {"true, false, 0", "false, true, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "One ended it, once.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Ended twice, or not, or counted wrong.")
    @State
    public static class CompleteAndCancel extends Begun {
        /** Completes. */
        @Actor
        public void complete(ZZI_Result r) {
            r.r1 = attempt.complete(io.lbclient.Outcome.SUCCESS);
        }

        /** Cancels. */
        @Actor
        public void cancel(ZZI_Result r) {
            r.r2 = attempt.complete(io.lbclient.Outcome.CANCELLED);
        }

        /** Counts. */
        @Arbiter
        public void count(ZZI_Result r) {
            r.r3 = server.inFlight();
        }
    }

    /** An answer against completion. */
    @JCStressTest
    @Outcome(
            id = {"true, true, 0", "false, true, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "Answered before or too late.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Not ended, or counted wrong.")
    @State
    public static class AnswerAndComplete extends Begun {
        /** Answers. */
        @Actor
        public void answer(ZZI_Result r) {
            r.r1 = attempt.answered();
        }

        /** Completes. */
        @Actor
        public void complete(ZZI_Result r) {
            r.r2 = attempt.complete(io.lbclient.Outcome.SUCCESS);
        }

        /** Counts. */
        @Arbiter
        public void count(ZZI_Result r) {
            r.r3 = server.inFlight();
        }
    }
}
