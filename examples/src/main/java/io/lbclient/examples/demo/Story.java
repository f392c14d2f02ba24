package io.lbclient.examples.demo;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.examples.demo.Figures.Milestone;
import io.lbclient.examples.shared.Fleet;
import java.io.IOException;
import java.util.List;

/** What one demo is about: its servers, its scenes, what each does to them, and what is measured of it. */
interface Story extends AutoCloseable {
    /** How long an answer takes unless a scene says otherwise. */
    int ANSWER_MICROS = 5_000;

    /** What the scenes act on. */
    record Stage(Fleet fleet, ServerPool pool, Recording recording) {
        /** From now on a server takes so many times longer than usual. */
        void slow(String server, int times) throws IOException {
            fleet.process(server).tell(Integer.toString(times * ANSWER_MICROS));
        }
    }

    /** The names of the servers of the first scene. */
    List<String> servers();

    /** A server with the settings under which the pool is to know it. */
    default Server placed(Server server) {
        return server;
    }

    /** What would be a fair share for a server that is picked at all, of so many servers. */
    default double fairShare(int servers) {
        return 1.0 / servers;
    }

    List<Scene> scenes();

    /** Whatever the pool needs besides its servers. */
    default void prepare(ServerPoolBuilder pool, Recording recording) throws IOException {}

    /** Does what a scene begins with, while the traffic flows. */
    void act(Scene scene, Stage stage) throws IOException;

    /** Whether a scene so far has shown all that the demo promises of it; one that has not may go on a while. */
    default boolean hasShown(Recording recording, Recording.Played soFar) {
        return true;
    }

    /** How soon, or how far, computed when all scenes were played. */
    List<Milestone> milestones(Recording recording);

    /** What the end of the run is to tell besides the figures, one line each. */
    default List<String> epilogue() {
        return List.of();
    }

    /** What was to happen and did not, for people; empty if all is well. */
    default List<String> missing(Figures figures) {
        return List.of();
    }

    /** Called when the last answer is in, before the figures are made. */
    default void finish() {}

    @Override
    default void close() {}
}
