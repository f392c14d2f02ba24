package io.lbclient.health;

import dev.failsafe.CircuitBreakerBuilder;
import dev.failsafe.CircuitBreakerConfig;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;

/**
 * Circuit breaking: each server of a pool has a Failsafe {@link dev.failsafe.CircuitBreaker} of its own, and is not
 * picked while that is open.
 *
 * <p>Every outcome that says something about the server is recorded. While the breaker is half-open, the server is sent
 * as many requests as the breaker permits, one after the other, and none besides; their outcomes alone close the
 * breaker or open it again. A request that ends without a verdict is sent once more, and a half-open breaker whose
 * requests do not end within its delay opens again.
 *
 * <p>The breaker's delay is waited for on the pool's scheduler. Thresholds over a period of time are measured by
 * Failsafe, with the system's clock. Immutable, and safe to share between pools.
 */
public final class CircuitBreaking implements HealthMonitor {
    private final CircuitBreakerConfig<?> config;

    private CircuitBreaking(CircuitBreakerConfig<?> config) {
        this.config = config;
    }

    /**
     * Returns circuit breaking with given settings, which are taken as they are at this moment. What they say about
     * which results and exceptions are failures is not asked, because {@link io.lbclient.Outcome#failure()} decides
     * that.
     *
     * @param settings the settings of each server's breaker
     * @return the monitor
     */
    public static CircuitBreaking of(CircuitBreakerBuilder<?> settings) {
        return of(settings.build().getConfig());
    }

    /**
     * Returns circuit breaking with the settings of another breaker; see {@link #of(CircuitBreakerBuilder)}.
     *
     * @param settings the settings of each server's breaker
     * @return the monitor
     */
    public static CircuitBreaking of(CircuitBreakerConfig<?> settings) {
        return new CircuitBreaking(settings);
    }

    @Override
    public Watch start(MonitoredPool pool) {
        return new BreakerWatch(config, pool);
    }
}
