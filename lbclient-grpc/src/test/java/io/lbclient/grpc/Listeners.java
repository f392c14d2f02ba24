package io.lbclient.grpc;

import io.lbclient.ServerPool;
import java.lang.reflect.Field;
import java.util.Collection;

/** Counts who listens to a pool, which nobody but this test wants to know. */
final class Listeners {
    private Listeners() {}

    static int of(ServerPool pool) {
        Object state = read(pool, "state");
        return size(read(read(state, "news"), "listeners"))
                + size(read(read(state, "room"), "listeners"))
                + size(read(state, "views"))
                - 1;
    }

    private static int size(Object collection) {
        return ((Collection<?>) collection).size();
    }

    private static Object read(Object owner, String name) {
        try {
            Field field = owner.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(owner);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
