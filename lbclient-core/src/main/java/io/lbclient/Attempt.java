package io.lbclient;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One try to have one request answered by one server: the token that a pick returns, and that is told the ending.
 *
 * <p>From the pick until it is completed the attempt is in flight to its server. It is completed exactly once: the
 * first call of {@link #complete} or {@link #close} counts, later ones change nothing. An attempt that is never
 * completed keeps its server looking busy for ever, so close it in a {@code finally} or a {@code try}:
 *
 * <pre>{@code
 * try (Attempt attempt = pool.pick()) {
 *   send(attempt.server());
 *   attempt.complete(Outcome.SUCCESS);
 * }
 * }</pre>
 *
 * <p>A {@code catch} of that same {@code try} comes after {@code close()}, too late for a verdict: complete with a failure inside
 * the block, or in a {@code try} of its own.
 *
 * <p>Safe for use by many threads. It holds on to the server's own counters, so it is counted right even if the server
 * left the pool in the meantime.
 */
public final class Attempt implements PickContext, AutoCloseable {
    private static final VarHandle PROGRESS;
    /** A server that says "in an hour" by mistake must not be lost for an hour. */
    private static final Duration LONGEST_PUSHBACK = Duration.ofMinutes(5);

    private static final int WAITING = 0;
    private static final int COMPLETE = -1;
    /** The answer's time is kept in units of 2^10 ns, so that 36 minutes fit; a later one counts as that. */
    private static final int ANSWER_SHIFT = 10;

    static {
        try {
            PROGRESS = MethodHandles.lookup().findVarHandle(Attempt.class, "progress", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PoolView view;
    private final RequestView request;
    private final @Nullable Attempt previous;
    private final long start;
    // Null only while the pick is being made, when no caller has the attempt yet.
    private @Nullable ServerState state;
    // No longer once the trial has succeeded; written before the step of progress that hands it to other threads.
    private boolean trial;
    // Written before whoever completed the attempt, or is told so, asks for another.
    private boolean unsent;
    // Null in a pool without affinity; set while the pick is being made, and the same for all attempts of a request.
    private Affinity.@Nullable Bond bond;

    // In one field, so that whoever completes knows in one step whether there was an answer, and when: WAITING,
    // COMPLETE, or one more than the units of time after which the answer began.
    private volatile int progress;

    Attempt(PoolView view, RequestView request, @Nullable Attempt previous, long start) {
        this.view = view;
        this.request = request;
        this.previous = previous;
        this.start = start;
    }

    /** False if the server is full: then the pick goes on. */
    boolean begin(ServerState chosen, boolean asTrial) {
        if (!chosen.enter(start)) {
            return false;
        }
        state = chosen;
        trial = asTrial;
        return true;
    }

    /** At a server that was not picked but named, whatever its health and its limit. */
    void begin(ServerState named) {
        named.begin(start);
        state = named;
        trial = !named.health().eligible();
    }

    void bind(Affinity.Bond found) {
        bond = found;
    }

    Affinity.@Nullable Bond bond() {
        return bond;
    }

    /** Whether nothing of the request has reached the server. */
    boolean unsent() {
        return unsent;
    }

    /** Whether a server may take this as a new session, as far as a bound on those goes. */
    boolean suits(ServerState candidate) {
        return bond == null || bond.server() != null || bond.admits(candidate);
    }

    ServerState candidate() {
        return state();
    }

    private ServerState state() {
        ServerState chosen = state;
        if (chosen == null) {
            throw new IllegalStateException("the pick has not been made yet");
        }
        return chosen;
    }

    /**
     * Returns the server to send the request to.
     *
     * @return the server, with its settings of now
     */
    public Server server() {
        return state().server();
    }

    /**
     * Notes that a good answer has begun, such as the headers of a response: the latency is taken now, and what still
     * comes counts as in flight but no longer as waiting.
     *
     * <p>Without this call the latency is taken when the attempt is completed. For an answer that is a failure, do not
     * call it, or failing fast would look like answering fast.
     *
     * @return true the first time, unless the attempt is complete
     */
    public boolean answered() {
        if (progress != WAITING) {
            return false;
        }
        long now = view.ticker().read();
        int units = (int) Math.min(Math.max(0, now - start) >> ANSWER_SHIFT, Integer.MAX_VALUE - 1);
        if (!PROGRESS.compareAndSet(this, WAITING, units + 1)) {
            return false;
        }
        state().answered(start, now);
        state().settled();
        return true;
    }

    /**
     * Notes that a connection has come about which the attempt stands for, and which may be kept for hours: the time that
     * it took is the latency, and the success is told to those who watch the server's health at once. The attempt stays in
     * flight until the connection is closed. Complete it then with {@link Outcome#FAILURE} if the connection broke, else
     * {@linkplain #close close} it.
     *
     * <p>Without this call, nobody would know that the server takes connections until the first of them is closed: a
     * server that was ejected would stay out for as long as the connection that was its trial lives.
     *
     * @return true the first time, unless the attempt is complete or {@linkplain #answered() answered}
     */
    public boolean established() {
        boolean wasTrial = trial;
        trial = false;
        if (!answered()) {
            trial = wasTrial;
            return false;
        }
        state().established(start, wasTrial);
        return true;
    }

    /**
     * Notes what the server said about its own load, for strategies that go by it. An adapter calls this when it finds
     * a report with the answer, at any time, also after the attempt is complete; the last report counts.
     *
     * @param report the report, such as {@link LoadReport#parse} found in a response header
     */
    public void report(LoadReport report) {
        state().report(report, progress == COMPLETE, view.ticker().read());
    }

    /**
     * Binds the request's session to the server that answered, in a pool that has an {@link Affinity}. An adapter calls
     * this once for each request, with the answer that its caller gets, unless that is a failure.
     *
     * @param answer what may be read of the answer
     * @return what the caller is to send with its further requests; empty if there is nothing new
     */
    public List<Affinity.Token> bind(Affinity.Answer answer) {
        return bond == null ? List.of() : view.bind(bond, state(), answer);
    }

    /**
     * Notes how the attempt ended.
     *
     * @param outcome how it ended
     * @return true the first time; false if it was complete already, and then nothing changed
     */
    public boolean complete(Outcome outcome) {
        // Before anything is changed: an attempt that is complete without an outcome could not be completed again.
        Objects.requireNonNull(outcome, "outcome");
        int before = (int) PROGRESS.getAndSet(this, COMPLETE);
        if (before == COMPLETE) {
            return false;
        }
        unsent = outcome == Outcome.NOT_SENT;
        state().end(start, before == WAITING ? -1 : (before - 1L) << ANSWER_SHIFT, outcome, trial);
        return true;
    }

    /**
     * Notes that the server asked to be left alone for a while, as {@code Retry-After} and gRPC's push-back do: until
     * then it is picked only if the strategy keeps naming no other. Call it before or after {@link #complete}.
     *
     * @param duration how long; at most 5 minutes of it are honoured, and zero or less is nothing
     */
    public void pushBack(Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            // Before it is made nanoseconds: a date of long ago is further off than those can count.
            return;
        }
        long nanos = duration.compareTo(LONGEST_PUSHBACK) > 0 ? LONGEST_PUSHBACK.toNanos() : duration.toNanos();
        state().pushBack(view.ticker().read() + nanos);
    }

    /**
     * Notes that the server asked to be left alone until a date, as the other form of {@code Retry-After} does. The
     * pool's wall clock says how far off the date is; from there on the pool's ticker measures, so a clock that is set
     * while the time runs changes nothing.
     *
     * @param until the date; at most 5 minutes from now are honoured, and a date that has passed is nothing
     */
    public void pushBackUntil(Instant until) {
        pushBack(Duration.between(view.wallClock().instant(), until));
    }

    /** Ends the attempt without a verdict, unless it is complete: as if {@link Outcome#CANCELLED} had been given. */
    @Override
    public void close() {
        complete(Outcome.CANCELLED);
    }

    /**
     * Picks again for the same request: a server that neither this attempt nor one before it went to, while an eligible
     * one is left; otherwise any. This attempt need not be complete, so it serves hedging as well as retries; of several
     * attempts under way, ask the latest. Each attempt keeps those before it, so they should be few.
     *
     * @return the next attempt
     * @throws NoServerAvailableException if no server may be picked
     */
    public Attempt another() {
        return view.pick(request, this);
    }

    /**
     * Returns whether {@link #another()} would, as things stand, reach a server that this request was not sent to.
     *
     * @return true if an eligible server is left that neither this attempt nor one before it went to
     */
    public boolean hasAnother() {
        return view.hasUntried(this);
    }

    /**
     * Returns which attempt of its request this is.
     *
     * @return 1 for the first
     */
    public int number() {
        int number = 1;
        for (Attempt earlier = previous; earlier != null; earlier = earlier.previous) {
            number++;
        }
        return number;
    }

    /**
     * Returns the attempt before this one.
     *
     * @return the attempt of the same request that {@link #another()} was called on, or null if this is the first
     */
    public @Nullable Attempt previous() {
        return previous;
    }

    @Override
    public RequestView request() {
        return request;
    }

    /** Returns whether this attempt, or one before it, went to a server. */
    @Override
    public boolean tried(Candidate candidate) {
        for (Attempt attempt = this; attempt != null; attempt = attempt.previous) {
            if (attempt.state == candidate) {
                return true;
            }
        }
        return false;
    }

    @Override
    public RandomGenerator random() {
        return view.random();
    }

    @Override
    public long now() {
        return start;
    }

    @Override
    public String toString() {
        return "attempt " + number() + " at " + (state == null ? "no server yet" : state) + " of " + view;
    }
}
