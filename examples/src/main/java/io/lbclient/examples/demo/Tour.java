package io.lbclient.examples.demo;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.examples.shared.BackendServer;
import io.lbclient.examples.shared.Fleet;
import io.lbclient.examples.shared.Traffic;
import io.lbclient.okhttp.LoadBalancingInterceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;

/** Plays the scenes of a story: does to the servers what they say, and reads the pool and shows it while the traffic flows. */
final class Tour implements AutoCloseable {
    private static final String SERVICE = "orders";
    private static final int WARM_UP_ONE_BY_ONE = 100;
    private static final Duration WARM_UP = Duration.ofMillis(2_500);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /**
     * A scene that has not shown all of what it is about, or that leaves many requests open, goes on for so much longer at
     * most. On a machine that is busy with other things a kill may meet hundreds, more than the retry budget allows for.
     */
    private static final long OVERTIME = TimeUnit.SECONDS.toNanos(20);

    /** Few are as many as come in this time, and a handful at any rate. */
    private static final int FEW_MILLIS = 50;

    private static final int HANDFUL = 8;

    private static final long READING_PERIOD = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long FRAME_PERIOD = TimeUnit.MILLISECONDS.toNanos(120);

    private final Recording recording = new Recording();
    private final AtomicLong entered = new AtomicLong();
    private final Fleet fleet = new Fleet(BackendServer.class, Integer.toString(Story.ANSWER_MICROS));
    private final ServerPool pool;
    private final OkHttpClient client;
    private final Traffic traffic;
    private final int rate;
    private final Story story;
    private final FrameMaker frames;

    private Tour(int rate, Story story) throws IOException {
        this.rate = rate;
        this.story = story;
        List<Server> servers = startServers();
        pool = pool(servers);
        client = client();
        traffic = new Traffic(client, url(), rate, recording::now, recording::answer);
        frames = new FrameMaker(recording, story, rate);
    }

    /** Starts the first servers, which {@link #close} ends. */
    static Tour begin(int rate, Story story) throws IOException {
        return new Tour(rate, story);
    }

    private List<Server> startServers() throws IOException {
        try {
            return fleet.start(story.servers()).stream().map(story::placed).toList();
        } catch (IOException e) {
            fleet.close();
            throw e;
        }
    }

    private ServerPool pool(List<Server> servers) throws IOException {
        ServerPoolBuilder builder = ServerPool.builder(SERVICE).servers(servers).listener(recording);
        try {
            story.prepare(builder, recording);
        } catch (IOException e) {
            fleet.close();
            throw e;
        }
        return builder.build();
    }

    private OkHttpClient client() {
        return Traffic.client(CALL_TIMEOUT)
                .addInterceptor(chain -> {
                    entered.incrementAndGet();
                    return chain.proceed(chain.request());
                })
                .addInterceptor(LoadBalancingInterceptor.of(pool))
                .build();
    }

    /** Plays all scenes, and waits for the last answers. */
    Figures play(View view, Consumer<Frame> eachFrame) throws IOException, InterruptedException {
        warmUp();
        recording.restart();
        read();
        traffic.start();
        for (Scene scene : story.scenes()) {
            play(scene, frame -> {
                view.show(frame);
                eachFrame.accept(frame);
            });
        }
        if (!traffic.finish(PATIENCE)) {
            recording.event("", "some requests never got an answer");
        }
        read();
        story.finish();
        recording.collect();
        int inFlight =
                pool.snapshot().servers().stream().mapToInt(s -> s.inFlight()).sum();
        return Figures.of(recording, story.milestones(recording), rate, traffic.sent(), inFlight);
    }

    /** As the traffic will be, so that the first scene shows lbclient, and not how long a JVM takes to get going. */
    private void warmUp() throws IOException, InterruptedException {
        traffic.warmUp(WARM_UP_ONE_BY_ONE);
        AtomicLong failed = new AtomicLong();
        Traffic same = new Traffic(client, url(), rate, recording::now, answer -> {
            if (answer.failed()) {
                failed.incrementAndGet();
            }
        });
        if (!same.run(WARM_UP, PATIENCE) || failed.get() > 0) {
            throw new IOException("warm-up: " + failed + " of " + same.sent() + " requests failed (expected: none)");
        }
    }

    private static HttpUrl url() {
        return new HttpUrl.Builder().scheme("http").host(SERVICE).build();
    }

    private void play(Scene scene, Consumer<Frame> show) throws IOException {
        long begin = recording.now();
        CompletableFuture<Long> effective = CompletableFuture.supplyAsync(() -> {
            try {
                story.act(scene, new Story.Stage(fleet, pool, recording));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return recording.now();
        });
        try {
            film(scene, begin, effective, show);
        } finally {
            // Whoever closes the tour after a failure must not meet a scene that is still being played.
            effective.exceptionally(failure -> begin).join();
        }
        try {
            recording.played(new Recording.Played(scene, begin, effective.join(), recording.now()));
        } catch (CompletionException e) {
            throw new IOException(scene.title() + ": " + e.getCause(), e);
        }
    }

    private void film(Scene scene, long begin, CompletableFuture<Long> effective, Consumer<Frame> show) {
        long end = begin + scene.duration().toNanos();
        long nextFrame = begin;
        for (long next = begin; next < end || goesOn(scene, begin, effective); next += READING_PERIOD) {
            for (long wait = next - recording.now(); wait > 0; wait = next - recording.now()) {
                LockSupport.parkNanos(wait);
            }
            PickLog.Reading reading = read();
            recording.collect();
            if (reading.atNanos() >= nextFrame) {
                nextFrame = reading.atNanos() + FRAME_PERIOD;
                show.accept(frames.frame(reading, scene, traffic.sent()));
            }
        }
    }

    private boolean goesOn(Scene scene, long begin, CompletableFuture<Long> effective) {
        if (!effective.isDone() || effective.isCompletedExceptionally()) {
            return !effective.isDone();
        }
        long now = recording.now();
        return now < begin + scene.duration().toNanos() + OVERTIME
                && (traffic.open() > Math.max(HANDFUL, rate * FEW_MILLIS / 1000)
                        || !story.hasShown(recording, new Recording.Played(scene, begin, effective.join(), now)));
    }

    private PickLog.Reading read() {
        PickLog.Reading reading = new PickLog.Reading(recording.now(), entered.get(), pool.snapshot());
        recording.reading(reading);
        return reading;
    }

    Recording recording() {
        return recording;
    }

    @Override
    public void close() {
        fleet.close();
        pool.close();
        story.close();
        Traffic.end(client);
    }
}
