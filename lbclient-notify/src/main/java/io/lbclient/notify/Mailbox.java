package io.lbclient.notify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The bounded queue between the threads of pools and the worker. Putting never waits for the worker. */
final class Mailbox {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Notice> queue = new ArrayDeque<>();
    private final int capacity;
    private long overflowed;
    private boolean closed;

    Mailbox(int capacity) {
        this.capacity = capacity;
    }

    /** Drops the oldest if there is no room; does nothing once closed. */
    void put(List<Notice> news) {
        lock.lock();
        try {
            for (Notice notice : news) {
                if (closed) {
                    return;
                }
                if (queue.size() == capacity) {
                    queue.remove();
                    overflowed++;
                }
                queue.add(notice);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns everything there is; waits while there is nothing and it is not closed. */
    List<Notice> take(long waitNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = waitNanos;
            while (queue.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            List<Notice> news = new ArrayList<>(queue);
            queue.clear();
            return news;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many were dropped since the last call. */
    long takeOverflowed() {
        lock.lock();
        try {
            long taken = overflowed;
            overflowed = 0;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
