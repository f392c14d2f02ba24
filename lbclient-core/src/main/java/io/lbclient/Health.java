package io.lbclient;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is raised on a server, by whom and why, the trial that is offered to it, and the changes not yet told: one
 * immutable value, replaced by one compare-and-set. So the news of a server comes in the order in which it happened,
 * whichever threads made it, and no trial is offered to a server that is picked anyway.
 */
final class Health {
    private static final Set<HealthCause> KEEP_SESSIONS =
            EnumSet.of(HealthCause.DRAINING, HealthCause.OPERATOR, HealthCause.WARMING);

    static final Health NONE = new Health(new EnumMap<>(HealthCause.class), null, false, null);

    /** One change, linked to the one before it that has not been told either. */
    record Change(
            HealthCause cause,
            boolean raised,
            HealthState from,
            HealthState to,
            Raise said,
            @Nullable Change earlier) {
        String why() {
            return said.why();
        }

        HealthChange toldOf(Server server, PoolState pool) {
            return new HealthChange(pool.name(), server, from, to, cause, raised, why(), pool.wallTime(said.until()));
        }
    }

    // Never changed after construction, and no list in it is empty.
    private final EnumMap<HealthCause, List<Raise>> raises;
    private final Operator.@Nullable Setting setting;
    private final HealthState state;
    private final boolean trialOffered;
    private final @Nullable Change untold;

    private Health(
            EnumMap<HealthCause, List<Raise>> raises,
            Operator.@Nullable Setting setting,
            boolean trialOffered,
            @Nullable Change untold) {
        this.raises = raises;
        this.setting = setting;
        this.state = stateOf(raises, setting);
        this.trialOffered = trialOffered;
        this.untold = untold;
    }

    /** What an operator enabled is healthy, whatever is raised on it. */
    private static HealthState stateOf(EnumMap<HealthCause, List<Raise>> raises, Operator.@Nullable Setting setting) {
        return setting != null && setting.enables() ? HealthState.HEALTHY : HealthCause.worst(raises.keySet());
    }

    HealthState state() {
        return state;
    }

    boolean eligible() {
        return state.eligible();
    }

    /** Whether somebody asked for it to get nothing: then it gets nothing, even if no other server is left. */
    boolean withdrawn() {
        return state == HealthState.DRAINING;
    }

    /**
     * Whether it may go on with the sessions that it has: it is eligible, or it drains, nothing else is raised on it, and
     * the time for that is not over.
     */
    boolean keepsSessions(long now) {
        if (state.eligible()) {
            return true;
        }
        Long end = until();
        return withdrawn()
                && (setting == null || setting.action() != Operator.Action.DISABLE)
                && KEEP_SESSIONS.containsAll(raises.keySet())
                && (end == null || end - now > 0);
    }

    boolean has(HealthCause cause) {
        return raises.containsKey(cause);
    }

    Set<HealthCause> causes() {
        return raises.keySet();
    }

    /** Why the state is what it is: the oldest reason of the cause that decides it; empty if nothing is raised. */
    String detail() {
        for (Map.Entry<HealthCause, List<Raise>> entry : raises.entrySet()) {
            if (entry.getKey().state() == state) {
                return entry.getValue().get(0).why();
            }
        }
        return "";
    }

    /** Until when the state stays at least, as far as that is a matter of time: null if not, and if nothing is raised. */
    @Nullable Long until() {
        boolean first = true;
        Long latest = null;
        for (Map.Entry<HealthCause, List<Raise>> entry : raises.entrySet()) {
            if (entry.getKey().state() == state) {
                for (Raise raise : entry.getValue()) {
                    latest = first ? raise.until() : Raise.later(latest, raise.until());
                    first = false;
                }
            }
        }
        return latest;
    }

    boolean trialOffered() {
        return trialOffered;
    }

    @Nullable Change untold() {
        return untold;
    }

    Operator.@Nullable Setting setting() {
        return setting;
    }

    private List<Raise> raisesOf(HealthCause cause) {
        return raises.getOrDefault(cause, List.of());
    }

    boolean raisedBy(Object owner, HealthCause cause) {
        return Raise.of(owner, raisesOf(cause)) != null;
    }

    /** The same object if its owner has raised the cause already. News only if nobody else had. */
    Health raised(HealthCause cause, Raise raise) {
        if (raisedBy(raise.owner(), cause)) {
            return this;
        }
        EnumMap<HealthCause, List<Raise>> next = with(cause, raise.into(raisesOf(cause)));
        return has(cause) ? silently(next) : after(cause, true, next, setting, raise);
    }

    /** The same object if its owner has not raised the cause. Another reason is news, another time is not. */
    Health prolonged(HealthCause cause, Raise raise) {
        Raise before = Raise.of(raise.owner(), raisesOf(cause));
        if (before == null) {
            return this;
        }
        EnumMap<HealthCause, List<Raise>> next = with(cause, raise.into(raisesOf(cause)));
        return before.why().equals(raise.why()) ? silently(next) : after(cause, true, next, setting, raise);
    }

    /** The same object if its owner has not raised the cause. News only if nobody else holds it up. */
    Health cleared(HealthCause cause, Object owner, String why) {
        if (!raisedBy(owner, cause)) {
            return this;
        }
        List<Raise> others = Raise.without(owner, raisesOf(cause));
        return others.isEmpty() ? overruled(cause, why) : silently(with(cause, others));
    }

    /** Without a cause, whoever raised it. The same object if nobody did. */
    Health overruled(HealthCause cause, String why) {
        Raise said = new Raise(this, why, null);
        return has(cause) ? after(cause, false, with(cause, List.of()), setting, said) : this;
    }

    /** What an operator set, or took back where it is null. */
    Health set(Operator.@Nullable Setting next, Raise raise) {
        boolean takesOut = next != null && next.takesOut();
        List<Raise> standing = takesOut ? List.of(raise) : List.of();
        return after(HealthCause.OPERATOR, next != null, with(HealthCause.OPERATOR, standing), next, raise);
    }

    private EnumMap<HealthCause, List<Raise>> with(HealthCause cause, List<Raise> standing) {
        EnumMap<HealthCause, List<Raise>> next = new EnumMap<>(raises);
        if (standing.isEmpty()) {
            next.remove(cause);
        } else {
            next.put(cause, standing);
        }
        return next;
    }

    private Health after(
            HealthCause cause,
            boolean raised,
            EnumMap<HealthCause, List<Raise>> next,
            Operator.@Nullable Setting settingThen,
            Raise said) {
        HealthState to = stateOf(next, settingThen);
        // An offer that nobody took must not send a request to a fresh wound after the next ejection.
        boolean stillOffered = trialOffered && !to.eligible();
        Change change = new Change(cause, raised, state, to, said, untold);
        return new Health(next, settingThen, stillOffered, change);
    }

    /** The same causes stand, so the state is the same and there is nothing to tell. */
    private Health silently(EnumMap<HealthCause, List<Raise>> next) {
        return new Health(next, setting, trialOffered, untold);
    }

    Health withTrial(boolean offered) {
        return new Health(raises, setting, offered, untold);
    }

    Health told() {
        return new Health(raises, setting, trialOffered, null);
    }
}
