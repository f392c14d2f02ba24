package io.lbclient.examples.demo;

import io.lbclient.examples.demo.Figures.Milestone;
import io.lbclient.examples.demo.Figures.Unit;
import io.lbclient.examples.demo.Recording.Played;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The main demo: one server becomes slow, one is killed and comes back, one joins. */
final class TourStory implements Story {
    static final String KILLED_SERVER = "server-3";

    private static final String EQUAL = "equal";
    private static final String SLOW = "slow";
    private static final String KILLED = "killed";
    private static final String HEALED = "healed";
    private static final String JOINED = "joined";

    private static final String SLOW_SERVER = "server-2";
    private static final String NEW_SERVER = "server-5";
    private static final List<String> FIRST = List.of("server-1", SLOW_SERVER, KILLED_SERVER, "server-4");

    /** How many times slower the slow server becomes. */
    private static final int SLOWER = 10;

    private final List<Scene> scenes;

    /** A killed server's next trial may be 5 s away when it comes back, so that scene is the longest. */
    TourStory(boolean shortRun) {
        scenes = List.of(
                Scene.of(EQUAL, "all servers are equal", "", shortRun ? 2_500 : 10_000),
                Scene.of(SLOW, SLOW_SERVER + " becomes ten times slower", SLOW_SERVER, shortRun ? 3_000 : 14_000),
                Scene.of(KILLED, KILLED_SERVER + " is killed (SIGKILL)", KILLED_SERVER, shortRun ? 3_500 : 12_000),
                Scene.of(HEALED, KILLED_SERVER + " comes back", KILLED_SERVER, shortRun ? 8_000 : 14_000),
                Scene.of(JOINED, NEW_SERVER + " joins", NEW_SERVER, shortRun ? 3_500 : 12_000));
    }

    @Override
    public List<Scene> scenes() {
        return scenes;
    }

    @Override
    public List<String> servers() {
        return FIRST;
    }

    @Override
    public void act(Scene scene, Stage stage) throws IOException {
        Recording recording = stage.recording();
        switch (scene.name()) {
            case SLOW -> {
                stage.slow(scene.server(), SLOWER);
                recording.event(scene.server(), "takes " + SLOWER + " times longer for every answer");
            }
            case KILLED -> {
                stage.slow(SLOW_SERVER, 1);
                recording.event(SLOW_SERVER, "is as fast as before");
                recording.event(scene.server(), "is killed");
                stage.fleet().process(scene.server()).kill();
            }
            case HEALED -> {
                stage.fleet().start(scene.server());
                recording.event(scene.server(), "listens again");
            }
            case JOINED -> stage.pool().add(stage.fleet().start(scene.server()));
            default -> {
                // The first scene: nothing happens.
            }
        }
    }

    @Override
    public List<Milestone> milestones(Recording recording) {
        List<Milestone> found = new ArrayList<>();
        PickLog picks = recording.picks();
        for (Played scene : recording.scenes()) {
            String server = scene.scene().server();
            long from = scene.effectiveNanos();
            long to = scene.endNanos();
            switch (scene.scene().name()) {
                case SLOW -> found.addAll(slow(recording, server, from, to));
                case KILLED ->
                    found.add(Milestone.millis(
                            "killedUnder1PercentMillis",
                            server,
                            "killed: share under 1 % after",
                            picks.gone(List.of(server), from, to)));
                case HEALED ->
                    found.add(Milestone.millis(
                            "healedMillis",
                            server,
                            "healed: at 80 % of its fair share after",
                            picks.back(server, from, to, 1.0 / FIRST.size())));
                case JOINED ->
                    found.add(Milestone.millis(
                            "joinedMillis",
                            server,
                            "joined: at 80 % of its fair share after",
                            picks.back(server, from, to, 1.0 / (FIRST.size() + 1))));
                default -> {
                    // Nothing happens to anybody.
                }
            }
        }
        return found;
    }

    private static List<Milestone> slow(Recording recording, String server, long from, long to) {
        PickLog picks = recording.picks();
        return List.of(
                Milestone.millis(
                        "slowUnder10PercentMillis",
                        server,
                        "slow: share under 10 % after",
                        picks.shunned(server, from, to)),
                new Milestone(
                        "slowSteadyShare",
                        server,
                        "slow: share in the second half of the scene",
                        Unit.SHARE,
                        Optional.of(picks.share(server, (from + to) / 2, to))),
                // The speed comes back as the next scene begins, and the share some time in the rest of the run.
                Milestone.millis(
                        "slowRestoredMillis",
                        server,
                        "fast again: at 80 % of its fair share after",
                        picks.back(server, to, recording.end(), 1.0 / FIRST.size())));
    }
}
