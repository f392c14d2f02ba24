package io.lbclient;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;

/** Says that a pool is in panic, at most once a minute however often it goes in and out. */
final class PanicLog {
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Logger log;
    private final Ticker ticker;
    private long lastAt;
    private boolean everLogged;
    private int unsaid;

    PanicLog(Logger log, Ticker ticker) {
        this.log = log;
        this.ticker = ticker;
    }

    /** Called with the publishing lock held. */
    void log(PoolSnapshot pool, Set<Integer> tiers) {
        if (tiers.isEmpty()) {
            log.info("{}: panic is over", pool.pool());
            return;
        }
        long now = ticker.read();
        if (everLogged && now - lastAt < QUIET_NANOS) {
            unsaid++;
            return;
        }
        List<ServerSnapshot> out = pool.servers().stream()
                .filter(server -> tiers.contains(server.server().tier()))
                .filter(server -> !server.state().eligible())
                .toList();
        String why = out.stream()
                .map(server -> server.server().id() + " " + server.state() + " (" + server.detail() + ")")
                .limit(10)
                .collect(Collectors.joining(", "));
        log.warn(
                "{}: panic, {} of {} servers out: {}{}",
                pool.pool(),
                out.size(),
                pool.servers().size(),
                why,
                unsaid == 0 ? "" : "; and " + unsaid + " times since the last warning");
        lastAt = now;
        everLogged = true;
        unsaid = 0;
    }
}
