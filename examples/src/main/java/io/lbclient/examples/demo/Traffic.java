package io.lbclient.examples.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Steady requests on a fixed schedule, whether the servers keep up or not (an open loop). A latency counts from the
 * moment at which the request was due, so time that it spent waiting for its turn is not lost from the figures.
 */
final class Traffic {
    private final OkHttpClient client;
    private final HttpUrl url;
    private final long periodNanos;
    private final LongSupplier clock;
    private final Consumer<Answer> answers;
    private final AtomicLong sent = new AtomicLong();
    // One party for the sender, and one for each request that has no answer yet.
    private final Phaser open = new Phaser(1);
    private final Thread sender;
    private volatile boolean stopped;

    /**
     * @param client sends the requests
     * @param url each request asks for a path of its own below it
     * @param perSecond how many requests a second
     * @param clock nanoseconds, as the answers are to be stamped
     * @param answers is told of every answer and every error, by many threads at once
     */
    Traffic(OkHttpClient client, HttpUrl url, int perSecond, LongSupplier clock, Consumer<Answer> answers) {
        this.client = client;
        this.url = url;
        this.periodNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.clock = clock;
        this.answers = answers;
        this.sender = new Thread(this::sendOnSchedule, "traffic");
        this.sender.setDaemon(true);
    }

    /**
     * Sends some requests one after the other, so that the first ones of the schedule do not measure how long a JVM
     * takes to load its classes. Their answers are not told.
     */
    void warmUp(int requests) throws IOException {
        for (int i = 0; i < requests; i++) {
            Request request = new Request.Builder().url(url).build();
            try (Response response = client.newCall(request).execute()) {
                response.body().string();
            }
        }
    }

    void start() {
        sender.start();
    }

    long sent() {
        return sent.get();
    }

    private void sendOnSchedule() {
        long due = clock.getAsLong();
        while (!stopped) {
            send(due);
            due += periodNanos;
            long wait = due - clock.getAsLong();
            while (wait > 0 && !stopped) {
                LockSupport.parkNanos(wait);
                wait = due - clock.getAsLong();
            }
        }
        open.arriveAndDeregister();
    }

    private void send(long due) {
        String path = "/api/items/" + sent.incrementAndGet();
        open.register();
        Request request = new Request.Builder()
                .url(url.newBuilder().encodedPath(path).build())
                .build();
        client.newCall(request).enqueue(new Callback() {
            @Override
            public void onFailure(Call call, IOException failure) {
                ended("", failure.toString());
            }

            @Override
            public void onResponse(Call call, Response response) {
                String server = response.header(BackendServer.NAME_HEADER, "");
                try (response) {
                    response.body().bytes();
                    String answered = response.header(BackendServer.PATH_HEADER, "");
                    if (response.code() != 200) {
                        ended(server, "status " + response.code());
                    } else if (!path.equals(answered)) {
                        ended(server, "the answer to another request: " + answered);
                    } else {
                        ended(server, "");
                    }
                } catch (IOException e) {
                    ended(server, e.toString());
                }
            }

            private void ended(String server, String error) {
                answers.accept(new Answer(due, clock.getAsLong(), server, error));
                open.arriveAndDeregister();
            }
        });
    }

    /** Sends no more, and waits until every request has its answer or its error. Returns false if some never get one. */
    boolean finish(Duration patience) throws InterruptedException {
        stopped = true;
        LockSupport.unpark(sender);
        try {
            open.awaitAdvanceInterruptibly(0, patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}
