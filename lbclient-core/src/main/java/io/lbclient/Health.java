package io.lbclient;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is raised on a server and why, the trial that is offered to it, and the changes not yet told: one immutable
 * value, replaced by one compare-and-set. So the news of a server comes in the order in which it happened, whichever
 * threads made it, and no trial is offered to a server that is picked anyway.
 */
final class Health {
    static final Health NONE = new Health(new EnumMap<>(HealthCause.class), null, false, null);

    /** One change, linked to the one before it that has not been told either. */
    record Change(
            HealthCause cause,
            boolean raised,
            HealthState from,
            HealthState to,
            String why,
            @Nullable Change earlier) {}

    // Never changed after construction.
    private final EnumMap<HealthCause, String> reasons;
    private final Operator.@Nullable Setting setting;
    private final HealthState state;
    private final boolean trialOffered;
    private final @Nullable Change untold;

    private Health(
            EnumMap<HealthCause, String> reasons,
            Operator.@Nullable Setting setting,
            boolean trialOffered,
            @Nullable Change untold) {
        this.reasons = reasons;
        this.setting = setting;
        this.state = stateOf(reasons, setting);
        this.trialOffered = trialOffered;
        this.untold = untold;
    }

    /** What an operator enabled is healthy, whatever is raised on it. */
    private static HealthState stateOf(EnumMap<HealthCause, String> reasons, Operator.@Nullable Setting setting) {
        return setting != null && setting.enables() ? HealthState.HEALTHY : HealthCause.worst(reasons.keySet());
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

    boolean has(HealthCause cause) {
        return reasons.containsKey(cause);
    }

    Map<HealthCause, String> reasons() {
        return reasons;
    }

    /** Why the state is what it is: the reason of the cause that decides it; empty if nothing is raised. */
    String detail() {
        for (Map.Entry<HealthCause, String> reason : reasons.entrySet()) {
            if (reason.getKey().state() == state) {
                return reason.getValue();
            }
        }
        return "";
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

    Health raised(HealthCause cause, String why) {
        return after(cause, true, with(cause, why), setting, why);
    }

    Health cleared(HealthCause cause, String why) {
        return after(cause, false, without(cause), setting, why);
    }

    /** What an operator set, or took back where it is null. */
    Health set(Operator.@Nullable Setting next, String why) {
        boolean takesOut = next != null && next.takesOut();
        EnumMap<HealthCause, String> reasonsThen =
                takesOut ? with(HealthCause.OPERATOR, why) : without(HealthCause.OPERATOR);
        return after(HealthCause.OPERATOR, next != null, reasonsThen, next, why);
    }

    private EnumMap<HealthCause, String> with(HealthCause cause, String why) {
        EnumMap<HealthCause, String> more = new EnumMap<>(reasons);
        more.put(cause, why);
        return more;
    }

    private EnumMap<HealthCause, String> without(HealthCause cause) {
        EnumMap<HealthCause, String> fewer = new EnumMap<>(reasons);
        fewer.remove(cause);
        return fewer;
    }

    private Health after(
            HealthCause cause,
            boolean raised,
            EnumMap<HealthCause, String> next,
            Operator.@Nullable Setting settingThen,
            String why) {
        HealthState to = stateOf(next, settingThen);
        // An offer that nobody took must not send a request to a fresh wound after the next ejection.
        boolean stillOffered = trialOffered && !to.eligible();
        return new Health(next, settingThen, stillOffered, new Change(cause, raised, state, to, why, untold));
    }

    Health withTrial(boolean offered) {
        return new Health(reasons, setting, offered, untold);
    }

    Health told() {
        return new Health(reasons, setting, trialOffered, null);
    }
}
