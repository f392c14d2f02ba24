package io.lbclient.health;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerConfig;
import io.lbclient.Candidate;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import io.lbclient.MonitoredPool;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One pool's circuit breakers. */
final class BreakerWatch implements Watch {
    private final CircuitBreakerConfig<?> config;
    private final MonitoredPool pool;
    private final Map<Candidate, ServerBreaker> breakers = new ConcurrentHashMap<>();

    BreakerWatch(CircuitBreakerConfig<?> config, MonitoredPool pool) {
        this.config = config;
        this.pool = pool;
    }

    @Override
    public OutcomeObserver joined(Candidate server) {
        ServerBreaker breaker =
                new ServerBreaker(pool, server, CircuitBreaker.builder(config).build());
        breakers.put(server, breaker);
        return breaker;
    }

    @Override
    public void left(Candidate server) {
        ServerBreaker breaker = breakers.remove(server);
        if (breaker != null) {
            breaker.end();
        }
    }

    @Override
    public void close() {
        breakers.values().forEach(ServerBreaker::end);
    }
}
