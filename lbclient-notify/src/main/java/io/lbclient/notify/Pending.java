package io.lbclient.notify;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What may be told but was not sent yet, because the rate limit or a slow receiver stood before it. News of one server
 * takes the place of older news of it. Used by the worker's thread alone.
 */
final class Pending {
    private final int capacity;
    private final Map<Alert.Key, Notice> notices = new LinkedHashMap<>();

    Pending(int capacity) {
        this.capacity = capacity;
    }

    /** Returns how many notices had to go for it. */
    int add(Notice notice) {
        Notice unsent = notices.remove(notice.alert().key());
        int dropped = 0;
        if (unsent == null && notices.size() == capacity) {
            Iterator<Notice> oldest = notices.values().iterator();
            oldest.next();
            oldest.remove();
            dropped = 1;
        }
        notices.put(notice.alert().key(), unsent == null ? notice : notice.after(unsent));
        return dropped;
    }

    boolean isEmpty() {
        return notices.isEmpty();
    }

    int size() {
        return notices.size();
    }

    /** Takes the oldest ones out. */
    List<Notice> take(int most) {
        List<Notice> batch = new ArrayList<>(Math.min(most, notices.size()));
        Iterator<Notice> oldest = notices.values().iterator();
        while (batch.size() < most && oldest.hasNext()) {
            batch.add(oldest.next());
            oldest.remove();
        }
        return batch;
    }
}
