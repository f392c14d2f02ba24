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
    static final Health NONE = new Health(new EnumMap<>(HealthCause.class), false, null);

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
    private final HealthState state;
    private final boolean trialOffered;
    private final @Nullable Change untold;

    private Health(EnumMap<HealthCause, String> reasons, boolean trialOffered, @Nullable Change untold) {
        this.reasons = reasons;
        this.state = HealthCause.worst(reasons.keySet());
        this.trialOffered = trialOffered;
        this.untold = untold;
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

    Health raised(HealthCause cause, String why) {
        EnumMap<HealthCause, String> more = new EnumMap<>(reasons);
        more.put(cause, why);
        return after(cause, true, more, why);
    }

    Health cleared(HealthCause cause, String why) {
        EnumMap<HealthCause, String> fewer = new EnumMap<>(reasons);
        fewer.remove(cause);
        return after(cause, false, fewer, why);
    }

    private Health after(HealthCause cause, boolean raised, EnumMap<HealthCause, String> next, String why) {
        HealthState to = HealthCause.worst(next.keySet());
        // An offer that nobody took must not send a request to a fresh wound after the next ejection.
        return new Health(next, trialOffered && !to.eligible(), new Change(cause, raised, state, to, why, untold));
    }

    Health withTrial(boolean offered) {
        return new Health(reasons, offered, untold);
    }

    Health told() {
        return new Health(reasons, trialOffered, null);
    }
}
