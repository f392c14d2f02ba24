package io.lbclient.notify;

import io.lbclient.Ticker;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that decides what is sent when, and sends it. */
final class Worker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorNotifier.class);
    /** A message stays small enough for any receiver. */
    static final int MAX_BATCH = 100;

    private final Mailbox mailbox;
    private final Reporter reporter;
    private final Webhook webhook;
    private final NotificationFormat format;
    private final Map<String, String> labels;
    private final URI address;
    private final Ticker ticker;
    private final Clock clock;
    private final long repeatNanos;
    private final FlapWindows windows;
    private final Pending pending;
    private final TokenBucket rate;
    private Message.Lost lost = Message.Lost.NOTHING;
    private boolean somethingStands;
    private long standsSince;
    private int sending;
    private boolean receiverFails;

    Worker(OperatorNotifier.Builder settings, Mailbox mailbox, Reporter reporter) {
        this.mailbox = mailbox;
        this.reporter = reporter;
        this.webhook = new Webhook(settings);
        this.format = settings.format;
        this.labels = Map.copyOf(settings.labels);
        this.address = settings.webhook;
        this.ticker = settings.ticker;
        this.clock = settings.clock;
        this.repeatNanos = settings.repeatInterval.toNanos();
        this.windows = new FlapWindows(settings.deduplicationWindow.toNanos(), settings.queueCapacity);
        this.pending = new Pending(settings.queueCapacity);
        this.rate = new TokenBucket(settings.messagesPerMinute, ticker.read());
    }

    @Override
    public void run() {
        try {
            while (round(nanosUntilDue(ticker.read()))) {}
        } catch (InterruptedException e) {
            // The time that close() gives was over.
            int left = sending + pending.size() + mailbox.size();
            LOG.warn("webhook {}: closed with {} events undelivered", Checks.origin(address), left);
            // So that closing the client does not wait either.
            Thread.currentThread().interrupt();
        } finally {
            webhook.close();
        }
    }

    /** Waits for news, but no longer than this, and sends what may be sent. Returns whether there will be another one. */
    boolean round(long waitNanos) throws InterruptedException {
        // Read first: what was put before the closing is in what is taken after it.
        boolean last = mailbox.closed();
        List<Notice> news = mailbox.take(last ? 0 : waitNanos);
        long now = ticker.read();
        news.forEach(notice -> windows.accept(notice, now).forEach(this::tell));
        windows.due(now).forEach(this::tell);
        if (last) {
            windows.flush().forEach(this::tell);
        }
        while (!pending.isEmpty() && (last || rate.take(ticker.read()))) {
            List<Notice> batch = pending.take(MAX_BATCH);
            sending = batch.size();
            if (!send(batch)) {
                lost = lost.plus(0, batch.size());
            }
            sending = 0;
        }
        if (!last) {
            repeatWhatStands();
        }
        return !last;
    }

    private void tell(Notice notice) {
        lost = lost.plus(pending.add(notice), 0);
    }

    /** How long nothing needs to be done if there is no news. */
    long nanosUntilDue(long now) {
        long wait = windows.nanosUntilDue(now);
        if (!pending.isEmpty()) {
            wait = Math.min(wait, rate.nanosUntilToken(now));
        }
        if (somethingStands) {
            wait = Math.min(wait, Math.max(0, repeatNanos - (now - standsSince)));
        }
        return wait;
    }

    private void repeatWhatStands() throws InterruptedException {
        if (!format.repeats()) {
            return;
        }
        List<Notice> standing = reporter.standing();
        long now = ticker.read();
        if (standing.isEmpty() || !somethingStands) {
            somethingStands = !standing.isEmpty();
            standsSince = now;
        } else if (now - standsSince >= repeatNanos) {
            standsSince = now;
            boolean taken = true;
            // News must not wait until a receiver that is gone has refused every hundred of them.
            for (int from = 0; taken && from < standing.size(); from += MAX_BATCH) {
                taken = send(standing.subList(from, Math.min(standing.size(), from + MAX_BATCH)));
            }
        }
    }

    private boolean send(List<Notice> notices) throws InterruptedException {
        Message.Lost told = lost.plus(mailbox.takeOverflowed(), 0);
        lost = told;
        try {
            webhook.post(format.render(
                    new Message(notices, labels, told, clock.instant().truncatedTo(ChronoUnit.MILLIS))));
        } catch (IOException | RuntimeException e) {
            failed(notices.size(), e);
            return false;
        }
        lost = Message.Lost.NOTHING;
        if (receiverFails) {
            receiverFails = false;
            LOG.info("webhook {}: takes messages again", Checks.origin(address));
        }
        return true;
    }

    /** One WARN for each outage: a receiver that is down for a day must not fill the log. */
    private void failed(int events, Exception why) {
        // Not the stack trace, and not the request: that holds the secret header.
        String cause = Printable.of(why.toString());
        if (receiverFails) {
            LOG.debug("webhook {}: {} more events undelivered: {}", Checks.origin(address), events, cause);
        } else {
            receiverFails = true;
            LOG.warn(
                    "webhook {}: {} events undelivered: {}; no further warning until it takes messages again",
                    Checks.origin(address),
                    events,
                    cause);
        }
    }
}
