package io.lbclient;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the answers of one server were like, and the cost that the default strategy makes of it.
 *
 * <p>The cost is kept and not computed when somebody looks: a pick looks at ten servers, and an answer changes one. It is
 * as old as the server's last answer, so nothing in it fades while none comes; whoever goes by it has to look at a server
 * again that it shunned ({@link #lookAgain}).
 *
 * <p>It continues the {@link Ledger} rather than having one, because a look needs both, and two objects are two places
 * in memory.
 */
abstract sealed class AnswerLog extends Ledger permits ServerState {
    /** How much one answer moves the failure rate. */
    private static final double FAILURE_SHARE = 0.125;

    /** How much one answer moves the typical latency, so that about the last twenty decide. */
    private static final double TYPICAL_SHARE = 0.1;

    /** After this long without an answer, the next one counts for two thirds. */
    private static final double SILENCE_NANOS = 500e6;

    /**
     * A server all of whose answers are failures costs this many times more than one without, and less by the cube of the
     * rate: after one failure it costs 1.8 times as much, for all servers fail now and then, and 6 times after two in a
     * row.
     */
    private static final double FAILURE_FACTOR = 400;

    /** Stands in for a latency of which nothing is known, so that what is in flight decides. */
    private static final double UNKNOWN_NANOS = 1_000_000;

    /** An answer that took longer than so many times what is typical counts as no more: it may be one of a kind. */
    private static final double OUTLIER = 5;

    /**
     * The one answer of a server that was looked at again makes it as good as its peers if it took less than so many times
     * what theirs take: of times that vary as exponential ones do, one in twenty takes longer without meaning anything.
     */
    private static final double CHANCE = 3;

    private static final VarHandle COST;
    private static final VarHandle TYPICAL;
    private static final VarHandle HEARD_OF;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COST = lookup.findVarHandle(AnswerLog.class, "cost", double.class);
            TYPICAL = lookup.findVarHandle(AnswerLog.class, "typical", double.class);
            HEARD_OF = lookup.findVarHandle(AnswerLog.class, "heardOf", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Written without a barrier: whoever reads the value before goes by an answer less, and a barrier for each answer
    // would cost as much as three looks.
    @SuppressWarnings("UnusedVariable") // read through its handle
    private double cost = UNKNOWN_NANOS;

    /** Kept beside the cost, so that who looks at both needs one place in memory; 0 if nothing is known. */
    @SuppressWarnings("UnusedVariable") // read through its handle
    private double typical;

    @SuppressWarnings("UnusedVariable") // read through its handle
    private long heardOf;

    private volatile float peersNanos;
    private final Foresight foresight;
    // The last report and the one before it, for what an answer brings was not known when its request was sent.
    private volatile @Nullable Foretold foretold;
    private volatile @Nullable Foretold foretoldBefore;
    private final MovingAverage latency;
    private final MovingAverage typicalLatency;
    private final MovingAverage failureRate;
    private final LongAdder failures = new LongAdder();

    AnswerLog(long decayNanos, Foresight foresight, long now) {
        super(now);
        this.foresight = foresight;
        latency = new MovingAverage(decayNanos);
        typicalLatency = new MovingAverage(decayNanos);
        failureRate = new MovingAverage(decayNanos);
        heardOf = now;
    }

    /** A good answer began. */
    final void answered(long start, long now) {
        answer(start);
        sample(Math.max(0, now - start), now);
    }

    /** A request succeeded; its latency was noted before if the answer's beginning was. */
    final void succeeded(boolean wasAnswered, long elapsed, long now) {
        if (!failureRate.isZero()) {
            failureRate.addFresh(0.0, FAILURE_SHARE, SILENCE_NANOS, now);
            price(now);
        }
        if (!wasAnswered) {
            sample(elapsed, now);
        }
    }

    final void failed(Outcome outcome, long elapsed, long now) {
        failures.increment();
        peersNanos = 0;
        if (failureRate.isZero()) {
            failureRate.raiseTo(FAILURE_SHARE, now);
        } else {
            failureRate.addFresh(1.0, FAILURE_SHARE, SILENCE_NANOS, now);
        }
        if (outcome == Outcome.TIMEOUT) {
            // It would have taken at least this long. Fast failures are left out, or failing would look fast.
            latency.raiseTo(elapsed, now);
            typicalLatency.raiseTo(elapsed, now);
        }
        price(now);
    }

    /**
     * The request was given up. If that was after longer than an answer takes, it would have taken at least this long;
     * left out, a server that answers nobody would look as fast as ever, as long as hedges answer in its place.
     */
    final void givenUp(long elapsed, long now) {
        double known = typicalLatency.last();
        // Of an unknown server too it may only say that it is slower than thought.
        if (elapsed > (known == 0 ? UNKNOWN_NANOS : known)) {
            typicalLatency.addFresh(elapsed, TYPICAL_SHARE, SILENCE_NANOS, now);
            price(now);
        }
    }

    private void sample(long nanos, long now) {
        latency.addPeak(nanos, now);
        float peers = peersNanos;
        if (peers == 0) {
            double known = typicalLatency.last();
            double counted = known == 0 ? nanos : Math.min(nanos, OUTLIER * known);
            if (foretold != null && known > 0) {
                learn(counted / known - 1, now - nanos);
            }
            typicalLatency.noteFresh(counted, TYPICAL_SHARE, SILENCE_NANOS, now);
        } else {
            peersNanos = 0;
            // One good answer after a look is enough: there may not be a second one for a while.
            failureRate.reset();
            typicalLatency.reset();
            typicalLatency.raiseTo(nanos < CHANCE * peers ? peers : nanos, now);
        }
        price(now);
    }

    private void learn(double late, long start) {
        Foretold said = foretold;
        if (said != null && said.at() - start > 0) {
            said = foretoldBefore;
        }
        if (said != null && said.at() - start <= 0) {
            double left = said.left(start);
            if (left > 0) {
                foresight.learn(said.kind(), left * said.deviation(), late);
            }
        }
    }

    /**
     * A report came.
     *
     * @param own how many of the requests in flight there are this client's
     */
    final void foretell(LoadReport report, int own, long now) {
        foretoldBefore = foretold;
        double known = lastTypicalNanos();
        foretold = Foretold.by(report, own, known == 0 ? UNKNOWN_NANOS : known, foresight, now);
    }

    /**
     * How many times longer than typically the last report lets expect an answer to take; 1 if there is none that counts.
     * What fails has little to do, so there it says nothing.
     */
    final double foretoldFactor(long now) {
        Foretold said = foretold;
        return said == null || !failureRate.isZero() ? 1 : said.factor(now);
    }

    final boolean anyReports() {
        return foresight.reported();
    }

    private void price(long now) {
        price();
        HEARD_OF.setOpaque(this, now);
    }

    private void price() {
        double known = typicalLatency.last();
        double rate = failureRate.last();
        double factor = 1 + FAILURE_FACTOR * rate * rate * rate;
        TYPICAL.setOpaque(this, known);
        COST.setOpaque(this, (known == 0 ? UNKNOWN_NANOS : known) * factor);
    }

    /** What an answer is expected to take if nothing is in flight, in nanoseconds; more if the server fails. */
    final double cost() {
        return (double) COST.getOpaque(this);
    }

    /** What an answer typically took when the last one came, in nanoseconds; 0 if there was none. */
    final double lastTypicalNanos() {
        return (double) TYPICAL.getOpaque(this);
    }

    /** How long ago the last answer or failure was. */
    final long silentNanos(long now) {
        return now - (long) HEARD_OF.getOpaque(this);
    }

    /** The next answer decides whether this server is as good as its peers, whatever it was before. */
    final void lookAgain(double peers) {
        peersNanos = (float) peers;
    }

    /**
     * Brings the typical latency halfway, in proportion, to that of the peers, and halves the failure rate: what was found
     * may have been chance.
     */
    final void forgive(double peers, long now) {
        double known = typicalLatency.last();
        if (known > peers) {
            typicalLatency.reset();
            typicalLatency.raiseTo(Math.sqrt(known * peers), now);
        }
        if (!failureRate.isZero()) {
            double rate = failureRate.last();
            failureRate.reset();
            failureRate.raiseTo(rate / 2, now);
        }
        price();
    }

    /**
     * Its failures were judged, and whoever judged them lets it come back: a failure rate from that time would go on to
     * keep the traffic away, and with it the successes that bring the rate down.
     */
    final void forgetFailures(long now) {
        failureRate.reset();
        price(now);
    }

    final void seedLatency(long nanos, long now) {
        latency.raiseTo(nanos, now);
    }

    /** Replaces what was: before a server was ejected it was another one, and its trial may have been a cold start. */
    final void seedTypicalLatency(long nanos, long now) {
        typicalLatency.reset();
        typicalLatency.raiseTo(nanos, now);
        price(now);
    }

    final long failures() {
        return failures.sum();
    }

    // Part of Candidate, which the subclass is.

    public final long latencyNanos(long now) {
        return (long) latency.at(now);
    }

    public final long typicalLatencyNanos(long now) {
        return (long) typicalLatency.at(now);
    }

    public final double failureRate(long now) {
        return failureRate.isZero() ? 0.0 : failureRate.at(now);
    }
}
