package io.lbclient.test.sim;

import io.lbclient.Outcome;
import io.lbclient.Server;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * One simulated server. What it works on makes progress together, so progress is one number that grows with time, each
 * request is finished when that number has grown by its work, and a change of speed moves all of them at once.
 */
final class LiveServer {
    private static final int RAMP_STEPS = 50;

    final Server server;
    final int index;
    /** Attempts that were sent here and are not answered yet, including those on the wire. */
    int assigned;

    private final ServerModel model;
    private final Engine engine;
    private final Stream antagonistTimes;
    private final ArrayDeque<Visit> queue = new ArrayDeque<>();
    private final PriorityQueue<Visit> working =
            new PriorityQueue<>(16, Comparator.comparingDouble(visit -> visit.end));
    private final @Nullable KeyCache cache;
    private final @Nullable Watching watching;
    private double progress;
    private long progressAt;
    private int inFlight;
    private double tokens;
    private long tokensAt;

    private double antagonism = 1;
    private double warmth = 1;
    private long coldSince;
    private double slowness = 1;
    private double failFast;
    private long failFastNanos;
    private double failLate;
    private boolean hanging;
    private boolean refusing;

    LiveServer(Engine engine, int index, ServerModel model) {
        this.engine = engine;
        this.index = index;
        this.model = model;
        this.server = Server.of("server-" + index, index + 1);
        this.failLate = model.errorRate;
        this.tokens = model.rateBurst;
        this.antagonistTimes = engine.stream(Engine.ANTAGONISTS, index);
        this.cache = model.cacheEntries == 0 ? null : new KeyCache(model.cacheEntries);
        this.watching = engine.watching() ? new Watching(engine.reports()) : null;
        if (model.antagonists != null) {
            planAntagonist(model.antagonists, 0);
        }
    }

    // Requests

    void arrive(Visit visit, long now) {
        if (refusing) {
            answer(visit, Outcome.CONNECT_FAILURE, now);
        } else if (model.rateLimit > 0 && !takeToken(now)) {
            answer(visit, Outcome.OVERLOADED, now);
        } else if (hanging) {
            engine.swallowed(visit);
        } else if (failFast > 0 && chance(visit, 1) < failFast) {
            inFlight++;
            engine.later(now + failFastNanos, visit);
        } else if (waiting() >= model.queueLimit && full()) {
            answer(visit, Outcome.OVERLOADED, now);
        } else {
            admit(visit, now);
        }
    }

    private void admit(Visit visit, long now) {
        visit.arrived = now;
        visit.inFlightThen = inFlight++;
        if (cache != null && visit.key >= 0 && cache.use(visit.key)) {
            visit.workNanos *= model.hitCost;
        }
        if (model.sharing || !full()) {
            begin(visit, now);
            planNext(now);
        } else {
            queue.add(visit);
        }
    }

    private boolean full() {
        return working.size() >= model.slots;
    }

    private int waiting() {
        return model.sharing ? Math.max(0, working.size() - model.slots) : queue.size();
    }

    private void begin(Visit visit, long now) {
        advance(now);
        visit.end = progress + visit.workNanos;
        working.add(visit);
    }

    /** The request that was due is finished. */
    void finish(long now) {
        advance(now);
        Visit visit = working.remove();
        // Exactly what it was planned for, or rounding could leave a rest for which no time passes.
        progress = Math.max(progress, visit.end);
        if (!model.sharing && !queue.isEmpty()) {
            begin(queue.remove(), now);
        }
        planNext(now);
        inFlight--;
        boolean good = failLate <= 0 || chance(visit, 2) >= failLate;
        if (watching != null) {
            watching.answered(visit.inFlightThen, now - visit.arrived, good, now);
            visit.report = watching.report(inFlight, now, visit.draws);
        }
        answer(visit, good ? Outcome.SUCCESS : Outcome.FAILURE, now);
    }

    /** The quick failure of a request is due. */
    void failed(Visit visit, long now) {
        inFlight--;
        if (watching != null) {
            watching.answered(inFlight, failFastNanos, false, now);
            visit.report = watching.report(inFlight, now, visit.draws);
        }
        answer(visit, Outcome.FAILURE, now);
    }

    private void answer(Visit visit, Outcome outcome, long now) {
        visit.outcome = outcome;
        engine.answered(visit, now);
    }

    /** Of the request, the server and the attempt, so that other requests and their order change nothing. */
    private double chance(Visit visit, int use) {
        return Stream.unit(Stream.seed(visit.draws, use, index * 64L + visit.number));
    }

    private boolean takeToken(long now) {
        tokens = Math.min(model.rateBurst, tokens + (now - tokensAt) / 1e9 * model.rateLimit);
        tokensAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    // Progress

    private double pace() {
        double speed = speed();
        return model.sharing && working.size() > model.slots ? speed * model.slots / working.size() : speed;
    }

    double speed() {
        return model.speed * warmth / (antagonism * slowness);
    }

    private void advance(long now) {
        if (now == progressAt) {
            return;
        }
        if (watching != null) {
            watching.busy(Math.min(1, (double) working.size() / model.slots), now);
        }
        progress += (now - progressAt) * pace();
        progressAt = now;
    }

    private void planNext(long now) {
        Visit next = working.peek();
        if (next == null) {
            engine.finishAt(this, Timers.NEVER);
        } else {
            double left = Math.max(0, next.end - progress);
            engine.finishAt(this, now + (long) StrictMath.ceil(left / pace()));
        }
    }

    private void change(long now, Runnable speed) {
        advance(now);
        speed.run();
        planNext(now);
    }

    // What happens to the server

    private void planAntagonist(ServerModel.Antagonists settings, long now) {
        long comes = now + (long) (settings.meanGapNanos() * antagonistTimes.nextExponential());
        long goes = comes + (long) (settings.meanLengthNanos() * antagonistTimes.nextExponential());
        engine.later(comes, time -> change(time, () -> antagonism = settings.factor()));
        engine.later(goes, time -> {
            change(time, () -> antagonism = 1);
            planAntagonist(settings, time);
        });
    }

    void startCold(long now) {
        if (cache != null) {
            cache.clear();
        }
        if (model.coldNanos > 0) {
            coldSince = now;
            change(now, () -> warmth = model.coldSpeed);
            engine.later(now + model.coldNanos / RAMP_STEPS, time -> warmUp(time, now));
        }
    }

    private void warmUp(long now, long since) {
        if (since != coldSince) {
            return;
        }
        double part = Math.min(1, (double) (now - since) / model.coldNanos);
        change(now, () -> warmth = model.coldSpeed + (1 - model.coldSpeed) * part);
        if (part < 1) {
            engine.later(now + model.coldNanos / RAMP_STEPS, time -> warmUp(time, since));
        }
    }

    void strike(Fault fault, long now) {
        switch (fault.kind()) {
            case SLOW -> change(now, () -> slowness = fault.amount());
            case FAIL_FAST -> {
                failFast = fault.amount();
                failFastNanos = fault.after().toNanos();
            }
            case FAIL_LATE -> failLate = fault.amount();
            case HANG -> hanging = true;
            case REFUSE, RESTART -> refusing = true;
        }
    }

    void heal(Fault fault, long now) {
        switch (fault.kind()) {
            case SLOW -> change(now, () -> slowness = 1);
            case FAIL_FAST -> failFast = 0;
            case FAIL_LATE -> failLate = model.errorRate;
            case HANG -> hanging = false;
            case REFUSE -> refusing = false;
            case RESTART -> {
                refusing = false;
                startCold(now);
            }
        }
    }

    // What others may know

    boolean broken() {
        return refusing || hanging || failFast > 0 || failLate > model.errorRate;
    }

    boolean answersProbes() {
        return !refusing && !hanging;
    }

    int inFlight() {
        return inFlight;
    }

    int slots() {
        return model.slots;
    }

    long latencyNanos(long now) {
        return watching == null ? 0 : watching.latencyNanos(inFlight, now);
    }
}
