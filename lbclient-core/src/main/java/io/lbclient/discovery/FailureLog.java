package io.lbclient.discovery;

import io.lbclient.internal.Checks;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says when a source begins to fail, when it fails otherwise, and now and then that it still does. Guarded by the guard's lock. */
final class FailureLog {
    /** How often it says that it still does. */
    static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(5);

    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);

    private final String pool;
    private String last = "";
    private long loggedAt;
    private long count;

    FailureLog(String pool) {
        this.pool = pool;
    }

    void add(Throwable cause, int servers, long now) {
        count++;
        String text = Checks.escaped(cause.toString());
        if (text.equals(last)) {
            LOG.debug("{}: the discovery still fails", pool, cause);
            return;
        }
        last = text;
        loggedAt = now;
        LOG.warn("{}: the discovery fails, so its last {} servers stay: {}", pool, servers, text);
        LOG.debug("{}: the discovery fails", pool, cause);
    }

    void remind(int servers, long age, long now) {
        if (now - loggedAt >= EVERY_NANOS) {
            loggedAt = now;
            LOG.warn("{}: the list of {} servers is {} s old: {}", pool, servers, age / 1_000_000_000L, last);
        }
    }

    void over() {
        if (failing()) {
            LOG.info("{}: the discovery works again", pool);
            last = "";
        }
    }

    boolean failing() {
        return !last.isEmpty();
    }

    long count() {
        return count;
    }
}
