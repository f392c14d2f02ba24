package io.lbclient.test.sim;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a simulated server is able to do. Immutable; each method returns a changed copy. */
public final class ServerModel {
    final int slots;
    final boolean sharing;
    double speed = 1;
    int queueLimit = Integer.MAX_VALUE;
    double errorRate;
    double rateLimit;
    double rateBurst;
    long coldNanos;
    double coldSpeed = 1;
    int cacheEntries;
    double hitCost = 1;

    @Nullable Antagonists antagonists;

    /** Slow-downs that come and go at random. */
    record Antagonists(long meanGapNanos, long meanLengthNanos, double factor) {}

    private ServerModel(int slots, boolean sharing) {
        this.slots = Checks.atLeast("slots", slots, 1);
        this.sharing = sharing;
    }

    private ServerModel(ServerModel other) {
        this(other.slots, other.sharing);
        speed = other.speed;
        queueLimit = other.queueLimit;
        errorRate = other.errorRate;
        rateLimit = other.rateLimit;
        rateBurst = other.rateBurst;
        coldNanos = other.coldNanos;
        coldSpeed = other.coldSpeed;
        cacheEntries = other.cacheEntries;
        hitCost = other.hitCost;
        antagonists = other.antagonists;
    }

    /**
     * Returns a server that works on so many requests at once, each at full speed; others wait in a queue, first come,
     * first served. This is a pool of threads.
     *
     * @param slots how many at once, at least 1
     * @return the model
     * @throws IllegalArgumentException if it is less
     */
    public static ServerModel queueing(int slots) {
        return new ServerModel(slots, false);
    }

    /**
     * Returns a server that works on all its requests at once: up to {@code slots} of them at full speed, more of them
     * share what there is evenly (processor sharing).
     *
     * @param slots how many at full speed, at least 1
     * @return the model
     * @throws IllegalArgumentException if it is less
     */
    public static ServerModel sharing(int slots) {
        return new ServerModel(slots, true);
    }

    /**
     * Sets how fast it is. Default: 1.
     *
     * @param factor how much work it does in the time in which a server of speed 1 does work of 1, greater than 0
     * @return the changed model
     * @throws IllegalArgumentException if it is not
     */
    public ServerModel speed(double factor) {
        ServerModel changed = new ServerModel(this);
        changed.speed = Checks.positive("factor", factor);
        return changed;
    }

    /**
     * Sets how many requests may wait; the next one is turned away at once with {@link
     * io.lbclient.Outcome#OVERLOADED} (503). Default: any number.
     *
     * @param waiting beyond those that are worked on at full speed, at least 0
     * @return the changed model
     * @throws IllegalArgumentException if it is negative
     */
    public ServerModel queueLimit(int waiting) {
        ServerModel changed = new ServerModel(this);
        changed.queueLimit = Checks.atLeast("waiting", waiting, 0);
        return changed;
    }

    /**
     * Sets which share of the answers are failures, after the work was done. Default: none.
     *
     * @param share 0 to 1
     * @return the changed model
     * @throws IllegalArgumentException if it is out of range
     */
    public ServerModel errorRate(double share) {
        ServerModel changed = new ServerModel(this);
        changed.errorRate = Checks.between("share", share, 0, 1);
        return changed;
    }

    /**
     * Sets a limit on the requests per second; what is above it is turned away at once with {@link
     * io.lbclient.Outcome#OVERLOADED} (429). Default: none. (Token bucket.)
     *
     * @param perSecond the rate, greater than 0
     * @param burst how many at once after a pause, at least 1
     * @return the changed model
     * @throws IllegalArgumentException if one is out of range
     */
    public ServerModel rateLimit(double perSecond, int burst) {
        ServerModel changed = new ServerModel(this);
        changed.rateLimit = Checks.positive("perSecond", perSecond);
        changed.rateBurst = Checks.atLeast("burst", burst, 1);
        return changed;
    }

    /**
     * Sets a cold start: a server that joins, or was restarted, begins slowly. Default: none. The servers that are there
     * from the beginning are warm.
     *
     * @param time until it has its full speed, greater than zero; its speed grows evenly
     * @param speed the part of its speed that it begins with, greater than 0 and at most 1
     * @return the changed model
     * @throws IllegalArgumentException if one is out of range
     */
    public ServerModel coldStart(Duration time, double speed) {
        ServerModel changed = new ServerModel(this);
        changed.coldNanos = Checks.positive("time", time).toNanos();
        changed.coldSpeed = Checks.between("speed", speed, 1e-6, 1);
        return changed;
    }

    /**
     * Sets antagonists: neighbours on the same machine that take away a part of its speed for a while. Default: none.
     *
     * @param meanGap from the end of one slow-down to the next, on average (exponential), greater than zero
     * @param meanLength of a slow-down, on average (exponential), greater than zero
     * @param factor how many times slower it is meanwhile, greater than 0
     * @return the changed model
     * @throws IllegalArgumentException if one is out of range
     */
    public ServerModel antagonists(Duration meanGap, Duration meanLength, double factor) {
        ServerModel changed = new ServerModel(this);
        changed.antagonists = new Antagonists(
                Checks.positive("meanGap", meanGap).toNanos(),
                Checks.positive("meanLength", meanLength).toNanos(),
                Checks.positive("factor", factor));
        return changed;
    }

    /**
     * Sets a cache of answers by key, from which the least recently used key is dropped. Default: none. See {@link
     * Traffic#keys}.
     *
     * @param entries how many keys it holds, at least 1
     * @param hitCost the part of its work that a request costs whose key is in the cache, greater than 0 and at most 1
     * @return the changed model
     * @throws IllegalArgumentException if one is out of range
     */
    public ServerModel cache(int entries, double hitCost) {
        ServerModel changed = new ServerModel(this);
        changed.cacheEntries = Checks.atLeast("entries", entries, 1);
        changed.hitCost = Checks.between("hitCost", hitCost, 1e-6, 1);
        return changed;
    }
}
