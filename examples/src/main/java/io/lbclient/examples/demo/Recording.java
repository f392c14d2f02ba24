package io.lbclient.examples.demo;

import io.lbclient.HealthChange;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.examples.shared.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * All that happened, in memory: every answer, every reading of the pool, every event. The figures and pictures are
 * functions of it. {@link #answer} and the listener's methods are safe for many threads; all else belongs to the thread
 * that directs the demo, which sees the answers and events that it {@link #collect}ed.
 */
final class Recording implements PoolListener {
    /**
     * Something worth a line.
     *
     * @param atNanos when
     * @param server whom it concerns; empty if nobody in particular
     * @param text what
     */
    record Event(long atNanos, String server, String text) {}

    /**
     * A scene that was played.
     *
     * @param scene the scene
     * @param beginNanos when it began
     * @param effectiveNanos when what it does to the servers was done: from here on its milestones count
     * @param endNanos when it ended
     */
    record Played(Scene scene, long beginNanos, long effectiveNanos, long endNanos) {}

    // Set again when the first scene begins; what was recorded before that is dropped.
    private volatile long origin = System.nanoTime();
    private final Queue<Answer> newAnswers = new ConcurrentLinkedQueue<>();
    private final Queue<Event> newEvents = new ConcurrentLinkedQueue<>();
    private final AtomicLong errors = new AtomicLong();
    private final List<Answer> answers = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Played> scenes = new ArrayList<>();
    private final List<String> servers = new ArrayList<>();
    private final PickLog picks = new PickLog();

    /** Nanoseconds since the recording began. */
    long now() {
        return System.nanoTime() - origin;
    }

    /** Begins anew: from here on things count. */
    void restart() {
        newAnswers.clear();
        newEvents.clear();
        origin = System.nanoTime();
    }

    void answer(Answer answer) {
        newAnswers.add(answer);
        if (answer.failed() && errors.getAndIncrement() == 0) {
            event("", "the first error that the user saw: " + answer.error());
        }
    }

    void event(String server, String text) {
        newEvents.add(new Event(now(), server, text));
    }

    /** Takes in what the other threads brought. */
    void collect() {
        for (Answer answer = newAnswers.poll(); answer != null; answer = newAnswers.poll()) {
            answers.add(answer);
        }
        for (Event event = newEvents.poll(); event != null; event = newEvents.poll()) {
            events.add(event);
        }
    }

    void reading(PickLog.Reading reading) {
        picks.add(reading);
        reading.pool().servers().stream()
                .map(s -> s.server().id())
                .filter(id -> !servers.contains(id))
                .forEach(servers::add);
    }

    void played(Played scene) {
        scenes.add(scene);
    }

    PickLog picks() {
        return picks;
    }

    /** The names of all servers that ever were in the pool. */
    List<String> servers() {
        return List.copyOf(servers);
    }

    List<Event> events() {
        return List.copyOf(events);
    }

    List<Played> scenes() {
        return List.copyOf(scenes);
    }

    long errors() {
        return errors.get();
    }

    /** The answers that ended from a time on and before another. */
    Stream<Answer> answers(long from, long to) {
        return answers.stream().filter(a -> a.endNanos() >= from && a.endNanos() < to);
    }

    /** The same, for times near the end of the recording: looks no further back than it has to. */
    List<Answer> latest(long from) {
        // Answers are queued a moment after they are stamped, so their order is only nearly that of their times.
        int first = answers.size();
        long slack = from - 100_000_000L;
        while (first > 0 && answers.get(first - 1).endNanos() >= slack) {
            first--;
        }
        return answers.subList(first, answers.size()).stream()
                .filter(a -> a.endNanos() >= from)
                .toList();
    }

    long end() {
        return scenes.stream()
                .map(Played::endNanos)
                .max(Comparator.naturalOrder())
                .orElse(0L);
    }

    @Override
    public void serverAdded(String pool, Server server) {
        event(server.id(), "joined the pool");
    }

    @Override
    public void serverRemoved(String pool, Server server) {
        event(server.id(), "left the pool");
    }

    @Override
    public void healthChanged(HealthChange change) {
        String state = change.to().name().toLowerCase(Locale.ROOT);
        event(change.server().id(), state + ": " + change.detail());
    }

    @Override
    public void failedOver(String pool, Map<Integer, Integer> before, Map<Integer, Integer> after) {
        event("", "the load by tier is " + after + " % (was " + before + ")");
    }
}
