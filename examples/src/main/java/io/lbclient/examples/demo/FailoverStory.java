package io.lbclient.examples.demo;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.ServerSnapshot;
import io.lbclient.examples.demo.Figures.Milestone;
import io.lbclient.examples.demo.Figures.Unit;
import io.lbclient.examples.demo.Recording.Played;
import io.lbclient.notify.OperatorNotifier;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Standby servers step in when the primaries die and step back when they are well; then an operator drains a server and
 * lets it back. A webhook is told of all of it.
 */
final class FailoverStory implements Story {
    private static final String NORMAL = "normal";
    private static final String KILLED = "killed";
    private static final String REVIVED = "revived";
    private static final String DRAINED = "drained";
    private static final String ENABLED = "enabled";

    private static final List<String> PRIMARIES = List.of("primary-1", "primary-2");
    private static final List<String> STANDBYS = List.of("standby-1", "standby-2");
    private static final String DRAINED_SERVER = PRIMARIES.get(0);
    private static final String TIERS = "standbys";

    /** While the server takes this many times longer, there is something in flight that a drain can wait for. */
    private static final int SLOWER = 60;

    /** The strategy soon sees that it is slow, and sends no more than a few. */
    private static final int IN_FLIGHT_WANTED = 2;

    /** Less than a slow answer takes, or what is in flight would be over before the drain. */
    private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long LOOK_PERIOD = TimeUnit.MILLISECONDS.toNanos(1);

    private final List<Scene> scenes;
    private @Nullable WebhookReceiver receiver;
    private @Nullable OperatorNotifier notifier;

    /**
     * A killed server's next trial may be 5 s away when it comes back, so that scene is the longest. The first one fills the
     * retry budget, which keeps what about 10 s bring: both primaries are killed at once, and each of the requests that
     * they had is paid for from it.
     */
    FailoverStory(boolean shortRun) {
        scenes = List.of(
                Scene.of(NORMAL, "the primaries take it all, the standbys wait", "", 8_000),
                Scene.of(KILLED, "both primaries are killed (SIGKILL)", "", shortRun ? 2_500 : 10_000),
                Scene.of(REVIVED, "the primaries come back", "", shortRun ? 9_000 : 14_000),
                Scene.of(DRAINED, "an operator drains " + DRAINED_SERVER, DRAINED_SERVER, shortRun ? 2_000 : 8_000),
                Scene.of(ENABLED, "the operator enables it again", DRAINED_SERVER, shortRun ? 2_500 : 8_000));
    }

    @Override
    public List<String> servers() {
        List<String> all = new ArrayList<>(PRIMARIES);
        all.addAll(STANDBYS);
        return all;
    }

    @Override
    public Server placed(Server server) {
        return server.withTier(STANDBYS.contains(server.id()) ? 1 : 0);
    }

    @Override
    public double fairShare(int servers) {
        return 1.0 / PRIMARIES.size();
    }

    @Override
    public List<Scene> scenes() {
        return scenes;
    }

    @Override
    public void prepare(ServerPoolBuilder pool, Recording recording) throws IOException {
        WebhookReceiver hook = new WebhookReceiver(recording);
        receiver = hook;
        // A person would not want to hear of one server every other second; who watches a demo does.
        notifier = OperatorNotifier.builder(hook.uri())
                .deduplicationWindow(Duration.ofMillis(500))
                .messagesPerMinute(600)
                .build();
        pool.listener(notifier);
    }

    @Override
    public void act(Scene scene, Stage stage) throws IOException {
        Recording recording = stage.recording();
        switch (scene.name()) {
            case KILLED -> {
                for (String primary : PRIMARIES) {
                    recording.event(primary, "is killed");
                    stage.fleet().process(primary).kill();
                }
            }
            case REVIVED -> {
                stage.fleet().start(PRIMARIES);
                PRIMARIES.forEach(primary -> recording.event(primary, "listens again"));
            }
            case DRAINED -> drain(stage);
            case ENABLED -> stage.pool().operator("demo").enable(DRAINED_SERVER);
            default -> {
                // The first scene: nothing happens.
            }
        }
    }

    private static void drain(Stage stage) throws IOException {
        Recording recording = stage.recording();
        // For a moment its answers take long, so that it has something to finish.
        stage.slow(DRAINED_SERVER, SLOWER);
        long end = recording.now() + LONGEST_WAIT;
        while (inFlight(stage.pool()) < IN_FLIGHT_WANTED && recording.now() < end) {
            LockSupport.parkNanos(LOOK_PERIOD);
        }
        stage.slow(DRAINED_SERVER, 1);
        int inFlight = inFlight(stage.pool());
        stage.pool().operator("demo").drain(DRAINED_SERVER);
        recording.event(DRAINED_SERVER, "is drained by an operator with " + inFlight + " in flight");
    }

    private static int inFlight(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .filter(server -> server.server().id().equals(DRAINED_SERVER))
                .mapToInt(ServerSnapshot::inFlight)
                .sum();
    }

    @Override
    public List<Milestone> milestones(Recording recording) {
        return recording.scenes().stream()
                .flatMap(scene -> milestones(recording.picks(), scene).stream())
                .toList();
    }

    @Override
    public boolean hasShown(Recording recording, Played soFar) {
        return milestones(recording.picks(), soFar).stream()
                .allMatch(milestone -> milestone.value().isPresent());
    }

    private List<Milestone> milestones(PickLog picks, Played scene) {
        return switch (scene.scene().name()) {
            case KILLED -> killed(picks, scene);
            case REVIVED -> revived(picks, scene);
            case DRAINED -> drained(picks, scene);
            case ENABLED -> enabled(picks, scene);
            // Nothing happens to anybody.
            default -> List.of();
        };
    }

    private List<Milestone> killed(PickLog picks, Played scene) {
        return List.of(
                Milestone.millis(
                        "failedOverMillis",
                        TIERS,
                        "stepped in: 99 % of the picks after",
                        picks.all(STANDBYS, scene.beginNanos(), scene.endNanos())),
                told("failedOverToldMillis", "failed_over", "", scene));
    }

    /** From the moment at which their processes are started: they answer before they say that they listen. */
    private List<Milestone> revived(PickLog picks, Played scene) {
        return List.of(
                Milestone.millis(
                        "failedBackMillis",
                        TIERS,
                        "stepped back: under 1 % of the picks after",
                        picks.gone(STANDBYS, scene.beginNanos(), scene.endNanos())),
                told("failedBackToldMillis", "failed_back", "", scene));
    }

    private List<Milestone> drained(PickLog picks, Played scene) {
        long from = scene.effectiveNanos();
        long to = scene.endNanos();
        return List.of(
                Milestone.millis(
                        "drainedIdleMillis",
                        DRAINED_SERVER,
                        "drained: its last request was answered after",
                        picks.firstIdle(DRAINED_SERVER, from, to)),
                Milestone.millis(
                        "drainedUnder1PercentMillis",
                        DRAINED_SERVER,
                        "drained: share under 1 % after",
                        picks.gone(List.of(DRAINED_SERVER), from, to)),
                new Milestone(
                        "drainedShare",
                        DRAINED_SERVER,
                        "drained: share in the second half of the scene",
                        Unit.SHARE,
                        Optional.of(picks.share(DRAINED_SERVER, (from + to) / 2, to))
                                .filter(share -> share == 0)),
                told("drainedToldMillis", "server_out", DRAINED_SERVER, scene));
    }

    private List<Milestone> enabled(PickLog picks, Played scene) {
        double fair = fairShare(PRIMARIES.size());
        return List.of(
                Milestone.millis(
                        "enabledMillis",
                        DRAINED_SERVER,
                        "enabled: at 80 % of its fair share after",
                        picks.back(DRAINED_SERVER, scene.effectiveNanos(), scene.endNanos(), fair)),
                told("enabledToldMillis", "server_back", DRAINED_SERVER, scene));
    }

    private Milestone told(String name, String event, String server, Played scene) {
        WebhookReceiver hook = hook();
        return Milestone.millis(
                name,
                "webhook",
                "told of " + event + (server.isEmpty() ? "" : " " + server) + " after",
                hook.firstTold(event, server, scene.beginNanos(), scene.endNanos()));
    }

    private WebhookReceiver hook() {
        WebhookReceiver hook = receiver;
        if (hook == null) {
            throw new IllegalStateException("the story has not begun");
        }
        return hook;
    }

    @Override
    public List<String> epilogue() {
        List<String> lines = new ArrayList<>();
        List<WebhookReceiver.Told> told = hook().told();
        lines.add("the webhook was told " + told.size() + " times:");
        told.forEach(one -> lines.add("  " + PlainView.seconds(one.atNanos()) + "  " + one.text()));
        return lines;
    }

    @Override
    public List<String> missing(Figures figures) {
        return figures.milestones().stream()
                .filter(milestone -> milestone.value().isEmpty())
                .map(milestone -> milestone.server() + " " + milestone.text() + " (not within the scene)")
                .toList();
    }

    /** Sends what is still to be told. */
    @Override
    public void finish() {
        if (notifier != null) {
            notifier.close();
        }
    }

    @Override
    public void close() {
        finish();
        if (receiver != null) {
            receiver.close();
        }
    }
}
