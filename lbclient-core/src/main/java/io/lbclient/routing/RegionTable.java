package io.lbclient.routing;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fixed map from strings that is asked with parts of longer strings, so that asking makes no string. Open addressing, at
 * most half full. Its keys are those of rules, so no request can make them collide.
 */
final class RegionTable<V> {
    private final String[] keys;
    private final Object[] values;
    private final int mask;

    RegionTable(Map<String, V> entries) {
        int capacity = Integer.highestOneBit(Math.max(1, entries.size())) * 4;
        keys = new String[capacity];
        values = new Object[capacity];
        mask = capacity - 1;
        entries.forEach((key, value) -> {
            int at = spread(key.hashCode()) & mask;
            while (values[at] != null) {
                at = (at + 1) & mask;
            }
            keys[at] = key;
            values[at] = value;
        });
    }

    /**
     * Returns the value of a part of a text, null if it is no key.
     *
     * @param hash what {@link String#hashCode} of the part would be
     */
    @SuppressWarnings("unchecked") // Only what the constructor was given is in there.
    @Nullable V get(String text, int from, int to, int hash) {
        int length = to - from;
        for (int at = spread(hash) & mask; values[at] != null; at = (at + 1) & mask) {
            String key = keys[at];
            if (key.length() == length && text.regionMatches(from, key, 0, length)) {
                return (V) values[at];
            }
        }
        return null;
    }

    private static int spread(int hash) {
        int spread = hash * 0x9e3779b9;
        return spread ^ (spread >>> 16);
    }
}
