package io.lbclient.examples.resilience;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** GETs on a fixed schedule, whether they are answered or not; a latency counts from when a request was due. */
final class Load {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final OkHttpClient client;
    private final HttpUrl url;

    Load(OkHttpClient client, HttpUrl url) {
        this.client = client;
        this.url = url;
    }

    /** Sends for a time, and returns when all that was sent has ended. */
    Tally run(int perSecond, Duration time) throws InterruptedException {
        Tally tally = new Tally();
        Phaser open = new Phaser(1);
        long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long start = System.nanoTime();
        for (long due = start; due - start < time.toNanos(); due += period) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            open.register();
            tally.sent();
            client.newCall(new Request.Builder().url(url).build()).enqueue(new Ending(due, tally, open));
        }
        open.arriveAndDeregister();
        try {
            open.awaitAdvanceInterruptibly(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            tally.failed("no answer in " + PATIENCE);
        }
        return tally;
    }

    private static final class Ending implements Callback {
        private final long due;
        private final Tally tally;
        private final Phaser open;

        Ending(long due, Tally tally, Phaser open) {
            this.due = due;
            this.tally = tally;
            this.open = open;
        }

        @Override
        public void onFailure(Call call, IOException failure) {
            tally.failed(failure.toString());
            open.arriveAndDeregister();
        }

        @Override
        public void onResponse(Call call, Response response) {
            try (response) {
                response.body().bytes();
                if (response.code() == 200) {
                    tally.answered(System.nanoTime() - due);
                } else {
                    tally.failed("status " + response.code());
                }
            } catch (IOException e) {
                tally.cut();
            } finally {
                open.arriveAndDeregister();
            }
        }
    }
}
