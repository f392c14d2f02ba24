package io.lbclient.notify;

import io.lbclient.HealthCause;
import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.Server;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a pool would say. */
final class Changes {
    static final String FAILURES = "5 consecutive failures";

    private Changes() {}

    static Server server(int port) {
        return Server.of("10.0.0.1", port);
    }

    static HealthChange out(int port) {
        return out(server(port), FAILURES);
    }

    static HealthChange out(Server server, String detail) {
        return raised(server, HealthState.EJECTED, HealthCause.OUTLIER, detail, null);
    }

    static HealthChange outUntil(Instant until) {
        return raised(server(1), HealthState.EJECTED, HealthCause.OUTLIER, FAILURES, until);
    }

    static HealthChange failsCheck(int port) {
        return raised(server(port), HealthState.UNHEALTHY, HealthCause.ACTIVE_CHECK, "connection refused", null);
    }

    private static HealthChange raised(
            Server server, HealthState to, HealthCause cause, String detail, @Nullable Instant until) {
        return new HealthChange("orders", server, HealthState.HEALTHY, to, cause, true, detail, until);
    }

    static HealthChange back(int port) {
        return change(port, HealthState.EJECTED, HealthState.HEALTHY, HealthCause.OUTLIER);
    }

    /** A cause is raised if the server is worse for it. */
    static HealthChange change(int port, HealthState from, HealthState to, HealthCause cause) {
        boolean worse = to.compareTo(from) > 0;
        return new HealthChange("orders", server(port), from, to, cause, worse, "a trial succeeded", null);
    }
}
