package io.lbclient;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * That somebody raised a cause on a server. A cause stands as long as anybody's raise of it does, so that of two monitors
 * that raise the same one neither clears the other's.
 *
 * @param owner who raised it, compared by identity
 * @param why in plain words
 * @param until the reading of the ticker up to which it stands at least, or null if that is not a matter of time
 */
record Raise(Object owner, String why, @Nullable Long until) {
    static @Nullable Raise of(Object owner, List<Raise> raises) {
        for (Raise raise : raises) {
            if (raise.owner == owner) {
                return raise;
            }
        }
        return null;
    }

    static List<Raise> without(Object owner, List<Raise> raises) {
        List<Raise> others = new ArrayList<>(raises.size());
        for (Raise raise : raises) {
            if (raise.owner != owner) {
                others.add(raise);
            }
        }
        return others;
    }

    /** In place of what its owner raised before, or last. */
    List<Raise> into(List<Raise> raises) {
        List<Raise> next = new ArrayList<>(raises);
        for (int i = 0; i < next.size(); i++) {
            if (next.get(i).owner == owner) {
                next.set(i, this);
                return next;
            }
        }
        next.add(this);
        return next;
    }

    /** The later end of two; null, which is no end in sight, is later than any. */
    static @Nullable Long later(@Nullable Long one, @Nullable Long other) {
        if (one == null || other == null) {
            return null;
        }
        return one - other >= 0 ? one : other;
    }
}
