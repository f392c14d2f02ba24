package io.lbclient.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler that runs its tasks when, and on the thread on which, it is told to, by the time of a {@link FakeTicker}.
 *
 * <p>Tasks run in the order of their times, and those of one time in the order in which they were given. Any thread may
 * give it tasks; one thread at a time may run them.
 */
public final class ManualScheduler extends AbstractExecutorService implements ScheduledExecutorService {
    private static final int TOO_MANY = 10_000_000;

    private final FakeTicker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>();
    private long given;
    private boolean shutdown;
    // The time of the first task, so that whoever drives the clock in many small steps need not take the lock at each.
    private volatile long nextTime;
    private volatile boolean idle = true;

    /**
     * Creates a scheduler.
     *
     * @param ticker its clock
     */
    public ManualScheduler(FakeTicker ticker) {
        this.ticker = ticker;
    }

    /**
     * Runs what is due, and what that makes due, without moving the clock.
     *
     * @return how many tasks ran
     */
    public int runDue() {
        return runUntil(ticker.read());
    }

    /**
     * Moves the clock, stopping at each task on the way to run it at its time.
     *
     * @param time how far, not negative
     * @return how many tasks ran
     */
    public int advance(Duration time) {
        long end = ticker.read() + time.toNanos();
        int ran = runUntil(end);
        moveTo(end);
        return ran;
    }

    /**
     * Returns how far the clock is from the next task. Takes no lock.
     *
     * @return nanoseconds, zero or negative if a task is due; {@code Long.MAX_VALUE} if none waits
     */
    public long nanosUntilNext() {
        return idle ? Long.MAX_VALUE : nextTime - ticker.read();
    }

    /** Called with the lock held, after each change of the tasks. */
    private void noteNext() {
        Task<?> next = tasks.peek();
        if (next != null) {
            nextTime = next.time;
        }
        idle = next == null;
    }

    private int runUntil(long end) {
        int ran = 0;
        for (Task<?> next = poll(end); next != null; next = poll(end)) {
            moveTo(next.time);
            next.run();
            if (++ran == TOO_MANY) {
                throw new IllegalStateException("tasks that are always due again: " + next);
            }
        }
        return ran;
    }

    private void moveTo(long time) {
        long ahead = time - ticker.read();
        if (ahead > 0) {
            ticker.advanceNanos(ahead);
        }
    }

    private @Nullable Task<?> poll(long end) {
        lock.lock();
        try {
            Task<?> next = tasks.peek();
            if (next == null || next.time - end > 0) {
                return null;
            }
            tasks.poll();
            noteNext();
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns how many tasks wait for their time.
     *
     * @return the tasks that were given, were not cancelled and did not run yet
     */
    public int waiting() {
        lock.lock();
        try {
            return tasks.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void execute(Runnable command) {
        enqueue(new Task<Object>(command, ticker.read(), 0));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return add(command, unit.toNanos(delay), 0);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return add(new Task<>(callable, ticker.read() + Math.max(0, unit.toNanos(delay))));
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        return add(command, unit.toNanos(initialDelay), unit.toNanos(period));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        // By a clock that stands still while a task runs, the two are the same.
        return scheduleAtFixedRate(command, initialDelay, delay, unit);
    }

    private ScheduledFuture<?> add(Runnable command, long delayNanos, long periodNanos) {
        return add(new Task<Object>(command, ticker.read() + Math.max(0, delayNanos), periodNanos));
    }

    private <V> Task<V> add(Task<V> task) {
        enqueue(task);
        return task;
    }

    private void enqueue(Task<?> task) {
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("the scheduler is shut down");
            }
            task.number = given++;
            tasks.add(task);
            noteNext();
        } finally {
            lock.unlock();
        }
    }

    private void again(Task<?> task) {
        lock.lock();
        try {
            if (!shutdown) {
                tasks.add(task);
                noteNext();
            }
        } finally {
            lock.unlock();
        }
    }

    private void remove(Task<?> task) {
        lock.lock();
        try {
            tasks.remove(task);
            noteNext();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void shutdown() {
        lock.lock();
        try {
            shutdown = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        lock.lock();
        try {
            shutdown = true;
            List<Runnable> dropped = new ArrayList<>(tasks);
            tasks.clear();
            noteNext();
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isShutdown() {
        lock.lock();
        try {
            return shutdown;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isTerminated() {
        return isShutdown() && waiting() == 0;
    }

    /** Returns whether it has ended, and does not wait: nothing would run meanwhile. */
    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }

    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
        private final long period;
        private long time;
        private long number;

        Task(Callable<V> callable, long time) {
            super(callable);
            this.time = time;
            this.period = 0;
        }

        // A task without a result gives null, whatever its type.
        @SuppressWarnings({"DataFlowIssue", "NullAway"})
        Task(Runnable command, long time, long period) {
            super(command, null);
            this.time = time;
            this.period = period;
        }

        @Override
        public void run() {
            if (period == 0) {
                super.run();
            } else if (runAndReset()) {
                time += period;
                again(this);
            }
        }

        @Override
        public boolean cancel(boolean interrupt) {
            boolean cancelled = super.cancel(interrupt);
            remove(this);
            return cancelled;
        }

        @Override
        public boolean isPeriodic() {
            return period != 0;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(time - ticker.read(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Task<?> task = (Task<?>) other;
            long ahead = time - task.time;
            return ahead != 0 ? Long.signum(ahead) : Long.compare(number, task.number);
        }
    }
}
