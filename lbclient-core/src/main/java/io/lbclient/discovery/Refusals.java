package io.lbclient.discovery;

import io.lbclient.internal.Checks;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of each entry that is left out, once, that it is; forgets the oldest of a thousand. Guarded by the guard's lock. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedDiscovery.class);
    private static final int REMEMBERED = 1_000;

    private final String pool;
    private final Set<String> told = new LinkedHashSet<>();
    private long count;

    Refusals(String pool) {
        this.pool = pool;
    }

    void add(String entry, String reason) {
        count++;
        String line = Checks.escaped(entry) + ": " + Checks.escaped(reason);
        if (told.add(line)) {
            LOG.warn("{}: the discovery's entry is left out: {}", pool, line);
            if (told.size() > REMEMBERED) {
                Iterator<String> oldest = told.iterator();
                oldest.next();
                oldest.remove();
            }
        }
    }

    long count() {
        return count;
    }
}
