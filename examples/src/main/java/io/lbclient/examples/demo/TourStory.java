package io.lbclient.examples.demo;

import io.lbclient.examples.demo.Figures.Milestone;
import io.lbclient.examples.demo.Figures.Unit;
import io.lbclient.examples.demo.Recording.Played;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The main demo: one server becomes slow, one is killed and comes back, one joins. */
record TourStory(List<Scene> scenes) implements Story {
    TourStory(boolean shortRun) {
        this(Scene.all(shortRun));
    }

    @Override
    public List<String> servers() {
        return Scene.firstServers();
    }

    @Override
    public void act(Scene scene, Stage stage) throws IOException {
        Fleet fleet = stage.fleet();
        Recording recording = stage.recording();
        switch (scene.name()) {
            case Scene.SLOW -> {
                fleet.slowDown(scene.server(), Scene.SLOWER);
                recording.event(scene.server(), "takes " + Scene.SLOWER + " times longer for every answer");
            }
            case Scene.KILLED -> {
                fleet.restore(Scene.SLOW_SERVER);
                recording.event(Scene.SLOW_SERVER, "is as fast as before");
                recording.event(scene.server(), "is killed");
                fleet.kill(scene.server());
            }
            case Scene.HEALED -> {
                fleet.revive(List.of(scene.server()));
                recording.event(scene.server(), "listens again");
            }
            case Scene.JOINED -> stage.pool().add(fleet.start(scene.server()));
            default -> {
                // The first scene: nothing happens.
            }
        }
    }

    @Override
    public List<Milestone> milestones(Recording recording) {
        List<Milestone> found = new ArrayList<>();
        PickLog picks = recording.picks();
        int members = Scene.firstServers().size();
        for (Played scene : recording.scenes()) {
            String server = scene.scene().server();
            long from = scene.effectiveNanos();
            long to = scene.endNanos();
            switch (scene.scene().name()) {
                case Scene.SLOW -> found.addAll(slow(recording, server, from, to));
                case Scene.KILLED ->
                    found.add(Milestone.millis(
                            "killedUnder1PercentMillis",
                            server,
                            "killed: share under 1 % after",
                            picks.firstBelow(server, from, to, Figures.FALL_WINDOW, Figures.GONE)));
                case Scene.HEALED ->
                    found.add(Milestone.millis(
                            "healedMillis",
                            server,
                            "healed: at 80 % of its fair share after",
                            picks.firstAtLeast(server, from, to, Figures.RISE_WINDOW, Figures.BACK / members)));
                case Scene.JOINED ->
                    found.add(Milestone.millis(
                            "joinedMillis",
                            server,
                            "joined: at 80 % of its fair share after",
                            picks.firstAtLeast(server, from, to, Figures.RISE_WINDOW, Figures.BACK / (members + 1))));
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
                        picks.firstBelow(server, from, to, Figures.FALL_WINDOW, Figures.SHUNNED)),
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
                        picks.firstAtLeast(
                                server,
                                to,
                                recording.end(),
                                Figures.RISE_WINDOW,
                                Figures.BACK / Scene.firstServers().size())));
    }
}
