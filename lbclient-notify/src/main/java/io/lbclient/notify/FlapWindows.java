package io.lbclient.notify;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells each state of one server once in a window, and what else happened in it by one summary at its end.
 *
 * <p>A window begins with the first notice after a quiet time. What comes back at once is told at once; only a state
 * that the window has told already waits. Used by the worker's thread alone.
 */
final class FlapWindows {
    private final long length;
    private final int capacity;
    /** All windows are equally long, so the first is the one that ends first. */
    private final Map<Alert.Key, Window> windows = new LinkedHashMap<>();

    FlapWindows(long lengthNanos, int capacity) {
        this.length = lengthNanos;
        this.capacity = capacity;
    }

    /** Returns what is to be told now, windows that had to make room included. */
    List<Notice> accept(Notice notice, long now) {
        List<Notice> told = new ArrayList<>(due(now));
        Window window = windows.get(notice.alert().key());
        if (window != null) {
            if (window.tells(notice)) {
                told.add(notice);
            }
            return told;
        }
        if (windows.size() == capacity) {
            Iterator<Window> oldest = windows.values().iterator();
            oldest.next().summary(told, length);
            oldest.remove();
        }
        windows.put(notice.alert().key(), new Window(notice, now, 1));
        told.add(notice);
        return told;
    }

    /** Returns the summaries of the windows that have ended; what flapped in one begins the next. */
    List<Notice> due(long now) {
        List<Notice> summaries = new ArrayList<>();
        Map<Alert.Key, Window> next = new LinkedHashMap<>();
        Iterator<Map.Entry<Alert.Key, Window>> each = windows.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Alert.Key, Window> entry = each.next();
            Window window = entry.getValue();
            if (now - window.start < length) {
                break;
            }
            each.remove();
            if (window.summary(summaries, length)) {
                next.put(entry.getKey(), new Window(window.latest, now, 0));
            }
        }
        windows.putAll(next);
        return summaries;
    }

    /** Ends all windows. */
    List<Notice> flush() {
        List<Notice> summaries = new ArrayList<>();
        windows.values().forEach(window -> window.summary(summaries, length));
        windows.clear();
        return summaries;
    }

    /** Nanoseconds until {@link #due} may have something to say; the longest wait if nothing is open. */
    long nanosUntilDue(long now) {
        Iterator<Window> first = windows.values().iterator();
        return first.hasNext() ? Math.max(0, length - (now - first.next().start)) : Long.MAX_VALUE;
    }

    private static final class Window {
        private final long start;
        private final Set<String> told = new HashSet<>();
        private Notice latest;
        private int changes;
        private boolean heldBack;

        Window(Notice first, long start, int changes) {
            this.latest = first;
            this.start = start;
            this.changes = changes;
            told.add(first.state());
        }

        boolean tells(Notice notice) {
            changes++;
            latest = notice;
            boolean isNew = told.add(notice.state());
            heldBack |= !isNew;
            return isNew;
        }

        boolean summary(List<Notice> into, long lengthNanos) {
            if (heldBack) {
                into.add(latest.changed(changes, lengthNanos / 1_000_000_000L));
            }
            return heldBack;
        }
    }
}
