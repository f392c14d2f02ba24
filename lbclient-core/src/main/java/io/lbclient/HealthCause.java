package io.lbclient;

import java.util.Set;

/**
 * One reason for a server's {@link HealthState}; causes are raised and cleared independently of each other.
 *
 * <p>A server can be ejected and fail its active check at once: clearing one cause leaves the other standing.
 */
public enum HealthCause {
    /** An active check found it bad. */
    ACTIVE_CHECK(HealthState.UNHEALTHY),
    /** Outlier detection ejected it for how its answers were. */
    OUTLIER(HealthState.EJECTED),
    /** Its circuit breaker is open. */
    BREAKER(HealthState.EJECTED),
    /** It is in its slow start. */
    WARMING(HealthState.WARMING),
    /** It was asked to finish what it has. */
    DRAINING(HealthState.DRAINING),
    /** An operator took it out. */
    OPERATOR(HealthState.DRAINING);

    private final HealthState state;

    HealthCause(HealthState state) {
        this.state = state;
    }

    /** The state of a server on which nothing but this is raised. */
    HealthState state() {
        return state;
    }

    static HealthState worst(Set<HealthCause> causes) {
        HealthState worst = HealthState.HEALTHY;
        for (HealthCause cause : causes) {
            if (cause.state.compareTo(worst) > 0) {
                worst = cause.state;
            }
        }
        return worst;
    }
}
