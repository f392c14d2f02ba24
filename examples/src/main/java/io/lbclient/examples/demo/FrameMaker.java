package io.lbclient.examples.demo;

import io.lbclient.ServerSnapshot;
import io.lbclient.examples.demo.Frame.Progress;
import io.lbclient.examples.demo.Frame.Row;
import io.lbclient.examples.shared.Answer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes what is shown from what was recorded in the last moments. */
final class FrameMaker {
    private static final long SHARE_WINDOW = TimeUnit.SECONDS.toNanos(1);
    private static final long LATENCY_WINDOW = TimeUnit.SECONDS.toNanos(2);

    /** More than the live view has room for: a line in a log is not lost when much happens at once. */
    private static final int EVENTS = 50;

    private final Recording recording;
    private final Story story;
    private final int rate;
    private final long wholeNanos;

    FrameMaker(Recording recording, Story story, int rate) {
        this.recording = recording;
        this.story = story;
        this.rate = rate;
        this.wholeNanos =
                story.scenes().stream().mapToLong(s -> s.duration().toNanos()).sum();
    }

    Frame frame(PickLog.Reading reading, Scene scene, long sent) {
        long now = reading.atNanos();
        List<Answer> latest = recording.latest(now - LATENCY_WINDOW);
        List<ServerSnapshot> servers = reading.pool().servers();
        List<Recording.Event> events = recording.events();
        return new Frame(
                now,
                rate + " requests/s to " + servers.size() + " servers, each a process; default strategy",
                servers.stream()
                        .map(s -> row(s, now, story.fairShare(servers.size()), latest))
                        .toList(),
                sent,
                recording.errors(),
                recording.picks().retries(0, now),
                Latencies.of(latest),
                new Progress(
                        story.scenes().indexOf(scene) + 1,
                        story.scenes().size(),
                        scene.title(),
                        Math.min(1.0, (double) now / wholeNanos)),
                events.subList(Math.max(0, events.size() - EVENTS), events.size()));
    }

    private Row row(ServerSnapshot server, long now, double fair, List<Answer> latest) {
        String name = server.server().id();
        return new Row(
                name,
                server.server().port(),
                recording.picks().share(name, now - SHARE_WINDOW, now),
                fair,
                server.inFlight(),
                Latencies.of(
                        latest.stream().filter(a -> a.server().equals(name)).toList()),
                server.failures(),
                server.state());
    }
}
