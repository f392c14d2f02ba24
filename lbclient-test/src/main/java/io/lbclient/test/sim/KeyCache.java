package io.lbclient.test.sim;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which keys a server has an answer for; the least recently used one is dropped. */
final class KeyCache {
    private final Map<Integer, Boolean> keys;

    @SuppressWarnings("serial") // It is never written anywhere.
    KeyCache(int capacity) {
        keys = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                return size() > capacity;
            }
        };
    }

    void clear() {
        keys.clear();
    }

    /** True if the key was in the cache; afterwards it is. */
    boolean use(int key) {
        return keys.put(key, true) != null;
    }
}
