package io.lbclient.notify;

import io.lbclient.HealthChange;
import io.lbclient.Server;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One piece of news.
 *
 * @param kind what it is
 * @param alert what it fires or resolves
 * @param change the change that it tells of, or null if it is about a whole pool
 * @param detail why, in plain words
 * @param time when it happened
 * @param counts the figures
 */
record Notice(Kind kind, Alert alert, @Nullable HealthChange change, String detail, Instant time, Counts counts) {
    /** Detail comes from monitors, and so perhaps from a server's answer: a message must stay small all the same. */
    static final int MAX_DETAIL = 1_000;

    Notice {
        if (detail.length() > MAX_DETAIL) {
            detail = detail.substring(0, MAX_DETAIL) + "...";
        }
    }

    /** What two notices with one key must share to say the same. */
    String state() {
        return change == null ? kind.name() : change.to().name();
    }

    Notice changed(int times, long seconds) {
        return new Notice(kind, alert, change, detail, time, counts.changed(times, seconds));
    }

    Notice withDetail(String other) {
        return new Notice(kind, alert, change, other, time, counts);
    }

    /** This notice in place of an earlier one with the same key that was not sent yet. */
    Notice after(Notice unsent) {
        Counts before = unsent.counts;
        if (counts.seconds() > 0) {
            // A window's summary counts what came before it in its window: to add that would count it twice.
            return before.changes() > counts.changes() ? changed(before.changes(), before.seconds()) : this;
        }
        long seconds = Math.max(0, Duration.between(unsent.time, time).toSeconds());
        return changed(before.changes() + counts.changes(), before.seconds() + seconds);
    }

    String text() {
        StringBuilder text = new StringBuilder(alert.key().pool()).append(": ");
        Server server = alert.server();
        if (server != null) {
            text.append("server ").append(server.id()).append(' ');
        }
        text.append(kind.words());
        if (change != null) {
            text.append(" (").append(change.to()).append(')');
        }
        if (!detail.isEmpty()) {
            text.append(": ").append(detail);
        }
        if (counts.changes() > 1) {
            text.append("; changed ").append(counts.changes()).append(" times in ");
            text.append(counts.seconds()).append(" s");
        }
        return text.toString();
    }
}
