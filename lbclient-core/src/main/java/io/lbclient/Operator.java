package io.lbclient;

import io.lbclient.internal.Checks;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A person's hand on the servers of a pool: what is set here wins over every detector, and the pool's snapshot shows
 * who set it and when.
 *
 * <p>Each setting stays until it is replaced or {@linkplain #clear cleared}, and with the server while it is in the
 * pool. In force when the call returns. Safe for use by many threads.
 *
 * <pre>{@code
 * orders.operator("anna").disable("10.0.0.1:8080");
 * }</pre>
 */
public final class Operator {
    private final PoolState pool;
    private final String who;

    Operator(PoolState pool, String who) {
        this.pool = pool;
        this.who = Names.token("who", who);
    }

    /** What an operator can have done to a server's health. */
    public enum Action {
        /** It finishes what it has, keeps its sessions, and gets nothing new. */
        DRAIN,
        /** It gets nothing new. */
        DISABLE,
        /** It is picked, whatever the detectors think. */
        ENABLE
    }

    /**
     * What an operator set on a server.
     *
     * @param action what was done to its health, or null if only the weight was set
     * @param weight the weight in place of the configured one, or null if it was not set
     * @param by who set it
     * @param at when, on the wall clock
     */
    public record Setting(@Nullable Action action, @Nullable Double weight, String by, Instant at) {
        boolean enables() {
            return action == Action.ENABLE;
        }

        boolean takesOut() {
            return action == Action.DRAIN || action == Action.DISABLE;
        }
    }

    /**
     * Lets a server finish what it has and gives it nothing new. In a pool with an {@link Affinity} it keeps its sessions
     * for as long as that says.
     *
     * @param id the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    public void drain(String id) {
        act(id, Action.DRAIN, pool.affinity.drainEnd());
    }

    /**
     * Lets a server finish what it has and gives it nothing new, but lets it keep its sessions for some time.
     *
     * @param id the server's id
     * @param sessions how long it keeps its sessions, not negative
     * @throws IllegalArgumentException if the pool has no such server, or the time is negative
     */
    public void drain(String id, Duration sessions) {
        act(
                id,
                Action.DRAIN,
                pool.ticker().read() + Checks.notNegative("sessions", sessions).toNanos());
    }

    /**
     * Gives a server nothing new.
     *
     * @param id the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    public void disable(String id) {
        act(id, Action.DISABLE, null);
    }

    /**
     * Has a server picked whatever the detectors think of it.
     *
     * @param id the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    public void enable(String id) {
        act(id, Action.ENABLE, null);
    }

    private void act(String id, Action action, @Nullable Long until) {
        Instant now = pool.wallClock().instant();
        Raise said = new Raise(pool, action.name().toLowerCase(Locale.ROOT) + " by " + who, until);
        pool.operate(pool.roster().known(id), before -> {
            Setting setting = before.setting();
            return before.set(new Setting(action, setting == null ? null : setting.weight(), who, now), said);
        });
    }

    /**
     * Gives a server another weight than the configured one.
     *
     * @param id the server's id
     * @param weight finite and at least 0; 0 means no traffic while another server has a weight
     * @throws IllegalArgumentException if the pool has no such server, or the weight is negative, infinite or not a
     *     number
     */
    public void weight(String id, double weight) {
        Checks.notNegative("weight", weight);
        Instant now = pool.wallClock().instant();
        String done = "weight " + weight + " set by " + who;
        pool.operate(pool.roster().known(id), before -> {
            Setting setting = before.setting();
            Action action = setting == null ? null : setting.action();
            // What it drains until is not changed by another weight.
            Long until = action == Action.DRAIN ? before.until() : null;
            return before.set(new Setting(action, weight, who, now), new Raise(pool, done, until));
        });
    }

    /**
     * Takes back whatever an operator set on a server.
     *
     * @param id the server's id
     * @throws IllegalArgumentException if the pool has no such server
     */
    public void clear(String id) {
        Raise said = new Raise(pool, "cleared by " + who, null);
        pool.operate(pool.roster().known(id), before -> before.set(null, said));
    }
}
