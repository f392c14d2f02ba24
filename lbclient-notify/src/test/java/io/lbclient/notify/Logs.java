package io.lbclient.notify;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.LoggerFactory;

/** Everything that the notifier logs, down to TRACE. */
final class Logs implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.lbclient.notify");
    private final Recorder recorder = new Recorder();

    Logs() {
        recorder.start();
        logger.setLevel(Level.TRACE);
        logger.addAppender(recorder);
    }

    /** Waits until so many lines of a level contain a text. */
    void await(Level level, String text, int times) throws InterruptedException {
        recorder.await(level, text, times);
    }

    List<String> lines(Level level) {
        return recorder.lines(level);
    }

    String everything() {
        return recorder.everything();
    }

    @Override
    public void close() {
        logger.detachAppender(recorder);
        logger.setLevel(null);
    }

    private static final class Recorder extends ListAppender<ILoggingEvent> {
        private final ReentrantLock recording = new ReentrantLock();
        private final Condition appended = recording.newCondition();

        @Override
        protected void append(ILoggingEvent event) {
            recording.lock();
            try {
                super.append(event);
                appended.signalAll();
            } finally {
                recording.unlock();
            }
        }

        void await(Level level, String text, int times) throws InterruptedException {
            recording.lock();
            try {
                long left = java.util.concurrent.TimeUnit.SECONDS.toNanos(30);
                while (matching(level, text) < times) {
                    if (left <= 0) {
                        throw new AssertionError("not logged: " + text + "\n" + everything());
                    }
                    left = appended.awaitNanos(left);
                }
            } finally {
                recording.unlock();
            }
        }

        private long matching(Level level, String text) {
            return list.stream()
                    .filter(e ->
                            e.getLevel() == level && e.getFormattedMessage().contains(text))
                    .count();
        }

        List<String> lines(Level level) {
            recording.lock();
            try {
                return list.stream()
                        .filter(e -> e.getLevel() == level)
                        .map(ILoggingEvent::getFormattedMessage)
                        .toList();
            } finally {
                recording.unlock();
            }
        }

        String everything() {
            recording.lock();
            try {
                StringBuilder text = new StringBuilder();
                list.forEach(e -> text.append(e.getLevel())
                        .append(' ')
                        .append(e.getFormattedMessage())
                        .append(e.getThrowableProxy() == null ? "" : e.getThrowableProxy())
                        .append('\n'));
                return text.toString();
            } finally {
                recording.unlock();
            }
        }
    }
}
