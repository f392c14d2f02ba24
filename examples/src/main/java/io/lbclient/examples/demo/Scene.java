package io.lbclient.examples.demo;

import java.time.Duration;
import java.util.List;

/**
 * One part of the story.
 *
 * @param name one word, as in the JSON
 * @param title what is shown while it is played
 * @param server whom it happens to; empty if nobody
 * @param duration how long it is played
 */
record Scene(String name, String title, String server, Duration duration) {
    static final String EQUAL = "equal";
    static final String SLOW = "slow";
    static final String KILLED = "killed";
    static final String HEALED = "healed";
    static final String JOINED = "joined";

    static final String SLOW_SERVER = "server-2";
    static final String KILLED_SERVER = "server-3";
    static final String NEW_SERVER = "server-5";

    /** How many times slower the slow server becomes. */
    static final int SLOWER = 10;

    /** The servers of the first scene. */
    static List<String> firstServers() {
        return List.of("server-1", SLOW_SERVER, KILLED_SERVER, "server-4");
    }

    /** The whole story. A killed server's next trial may be 5 s away when it comes back, so that scene is the longest. */
    static List<Scene> all(boolean shortRun) {
        return List.of(
                new Scene(EQUAL, "all servers are equal", "", millis(shortRun ? 2_500 : 10_000)),
                new Scene(
                        SLOW,
                        SLOW_SERVER + " becomes ten times slower",
                        SLOW_SERVER,
                        millis(shortRun ? 3_000 : 14_000)),
                new Scene(
                        KILLED,
                        KILLED_SERVER + " is killed (SIGKILL)",
                        KILLED_SERVER,
                        millis(shortRun ? 3_500 : 12_000)),
                new Scene(HEALED, KILLED_SERVER + " comes back", KILLED_SERVER, millis(shortRun ? 8_000 : 14_000)),
                new Scene(JOINED, NEW_SERVER + " joins", NEW_SERVER, millis(shortRun ? 3_500 : 12_000)));
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
