package io.lbclient;

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

    private static final HealthCause[] ALL = values();

    private final HealthState state;

    HealthCause(HealthState state) {
        this.state = state;
    }

    /** The bit that stands for this cause in a server's set of raised causes. */
    @SuppressWarnings("EnumOrdinal") // The bits live in memory only: reordering the constants breaks nothing.
    int bit() {
        return 1 << ordinal();
    }

    static HealthState stateOf(int causes) {
        HealthState worst = HealthState.HEALTHY;
        for (HealthCause cause : ALL) {
            if ((causes & cause.bit()) != 0 && cause.state.compareTo(worst) > 0) {
                worst = cause.state;
            }
        }
        return worst;
    }

    /** Whether somebody asked for it to get nothing: then it gets nothing, even if no other server is left. */
    static boolean withdrawn(int causes) {
        return stateOf(causes) == HealthState.DRAINING;
    }
}
