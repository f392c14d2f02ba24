package io.lbclient;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Those who want to know when a server may have room again. */
final class Room {
    private final News news;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    Room(News news) {
        this.news = news;
    }

    AutoCloseable add(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Never to be called with a lock held: queues pick for those who wait. */
    void made() {
        for (Runnable listener : listeners) {
            news.guarded("a listener for room", listener);
        }
    }
}
