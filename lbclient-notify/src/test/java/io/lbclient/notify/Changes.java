package io.lbclient.notify;

import io.lbclient.HealthCause;
import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.Server;

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
        return new HealthChange(
                "orders", server, HealthState.HEALTHY, HealthState.EJECTED, HealthCause.OUTLIER, true, detail, null);
    }

    static HealthChange failsCheck(int port) {
        return new HealthChange(
                "orders",
                server(port),
                HealthState.HEALTHY,
                HealthState.UNHEALTHY,
                HealthCause.ACTIVE_CHECK,
                true,
                "connection refused",
                null);
    }

    static HealthChange back(int port) {
        return new HealthChange(
                "orders",
                server(port),
                HealthState.EJECTED,
                HealthState.HEALTHY,
                HealthCause.OUTLIER,
                false,
                "a trial succeeded",
                null);
    }
}
