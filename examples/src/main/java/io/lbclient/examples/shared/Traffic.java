package io.lbclient.examples.shared;

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
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Steady GETs on a fixed schedule, whether the servers keep up or not (an open loop). A latency counts from the moment at
 * which the request was due, so time that it spent waiting for its turn is not lost from the figures.
 */
public final class Traffic {
    /** Names the server that answered. */
    static final String NAME_HEADER = "X-Server";

    /** Repeats the path of the request. */
    static final String PATH_HEADER = "X-Path";

    private static final int MOST_AT_ONCE = 2000;
    // Less than the 30 s after which the JDK's server closes an idle connection, maybe just as a request is on its way.
    private static final long KEEP_ALIVE_SECONDS = 20;

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
     * Creates traffic that does not flow yet.
     *
     * @param client sends the requests
     * @param url each request asks for a path of its own below it
     * @param perSecond how many requests a second
     * @param clock nanoseconds, as the answers are to be stamped
     * @param answers is told of every answer and every error, by many threads at once
     */
    public Traffic(OkHttpClient client, HttpUrl url, int perSecond, LongSupplier clock, Consumer<Answer> answers) {
        this.client = client;
        this.url = url;
        this.periodNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.clock = clock;
        this.answers = answers;
        this.sender = new Thread(this::sendOnSchedule, "traffic");
        this.sender.setDaemon(true);
    }

    /**
     * Returns a client for steady traffic to one service. OkHttp's own limits, 5 requests and 5 idle connections, are too
     * few for that.
     *
     * @param callTimeout how long a call may take
     * @return a builder
     */
    public static OkHttpClient.Builder client(Duration callTimeout) {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(MOST_AT_ONCE);
        dispatcher.setMaxRequestsPerHost(MOST_AT_ONCE);
        return new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(MOST_AT_ONCE, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS))
                .callTimeout(callTimeout);
    }

    /**
     * Ends the threads and the idle connections of a client that is used no more.
     *
     * @param client the client
     */
    public static void end(OkHttpClient client) {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    /**
     * Sends some requests one after the other, so that the first ones of the schedule do not measure how long a JVM
     * takes to load its classes. Their answers are not told.
     *
     * @param requests how many
     * @throws IOException if one fails
     */
    public void warmUp(int requests) throws IOException {
        for (int i = 0; i < requests; i++) {
            Request request = new Request.Builder().url(url).build();
            try (Response response = client.newCall(request).execute()) {
                response.body().string();
            }
        }
    }

    /** Begins to send. */
    public void start() {
        sender.start();
    }

    /**
     * Returns how many requests were sent.
     *
     * @return the requests so far
     */
    public long sent() {
        return sent.get();
    }

    /**
     * Returns how many requests have neither an answer nor an error yet.
     *
     * @return the open requests, and one for as long as it sends
     */
    public int open() {
        return open.getUnarrivedParties();
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
                ended("", failure.toString(), false);
            }

            @Override
            public void onResponse(Call call, Response response) {
                String server = response.header(NAME_HEADER, "");
                try (response) {
                    response.body().bytes();
                    String answered = response.header(PATH_HEADER, path);
                    if (response.code() != 200) {
                        ended(server, "status " + response.code(), false);
                    } else if (!path.equals(answered)) {
                        ended(server, "the answer to another request: " + answered, false);
                    } else {
                        ended(server, "", false);
                    }
                } catch (IOException e) {
                    ended(server, e.toString(), true);
                }
            }

            private void ended(String server, String error, boolean cut) {
                answers.accept(new Answer(due, clock.getAsLong(), server, error, cut));
                open.arriveAndDeregister();
            }
        });
    }

    /**
     * Sends no more, and waits until every request has its answer or its error.
     *
     * @param patience how long to wait
     * @return false if some never get one
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean finish(Duration patience) throws InterruptedException {
        stopped = true;
        LockSupport.unpark(sender);
        try {
            open.awaitAdvanceInterruptibly(0, patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /**
     * Sends for some time, and waits for the answers.
     *
     * @param time how long to send
     * @param patience how long to wait after that
     * @return false if some requests never get an answer
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean run(Duration time, Duration patience) throws InterruptedException {
        start();
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        return finish(patience);
    }
}
