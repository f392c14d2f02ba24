package io.lbclient.examples.demo;

import io.lbclient.HealthState;
import io.lbclient.PoolSnapshot;
import io.lbclient.Server;
import io.lbclient.ServerSnapshot;
import io.lbclient.examples.shared.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Recordings of runs that never were, with times and counts that a test chooses. */
final class Runs {
    static final long MS = 1_000_000;

    private Runs() {}

    /** A reading in which each of the servers a, b, c... has had so many picks. */
    static PickLog.Reading reading(long atMillis, long requests, long... picks) {
        List<ServerSnapshot> servers = new ArrayList<>();
        for (int i = 0; i < picks.length; i++) {
            servers.add(snapshot(Character.toString('a' + i), picks[i]));
        }
        return new PickLog.Reading(atMillis * MS, requests, new PoolSnapshot("orders", servers));
    }

    static ServerSnapshot snapshot(String name, long picks) {
        Server server = Server.of("127.0.0.1", 20_001).withId(name);
        return new ServerSnapshot(
                server, HealthState.HEALTHY, Set.of(), "", null, null, null, 1.0, 0, picks, 0.0, 0, 0, 0.0);
    }

    static Answer answer(long endMillis, long tookMillis, String server) {
        return new Answer((endMillis - tookMillis) * MS, endMillis * MS, server, "", false);
    }

    /** Two servers; b is slow for a second, and gets nothing from the middle of it on. */
    static Recording slow() {
        Recording recording = new Recording();
        long a = 0;
        long b = 0;
        for (long at = 0; at <= 2000; at += 20) {
            recording.reading(reading(at, a + b, a, b));
            a++;
            b += at >= 500 && at < 1000 ? 0 : 1;
        }
        Duration second = Duration.ofSeconds(1);
        recording.played(new Recording.Played(new Scene("slow", "b is slow", "b", second), 0, 0, 1000 * MS));
        recording.played(
                new Recording.Played(new Scene("equal", "as before", "", second), 1000 * MS, 1000 * MS, 2000 * MS));
        return recording;
    }

    /** Two servers; b is killed at 1000 ms, but gets half of the picks until 1100 ms; one request of 300 is lost. */
    static Recording killed() {
        Recording recording = new Recording();
        long a = 0;
        long b = 0;
        for (long at = 0; at <= 2000; at += 20) {
            recording.reading(reading(at, a + b, a, b));
            a += at >= 1100 ? 2 : 1;
            b += at >= 1100 ? 0 : 1;
        }
        for (int i = 1; i <= 100; i++) {
            recording.answer(answer(10 * i, i, "a"));
        }
        recording.answer(new Answer(1000 * MS, 1050 * MS, "", "java.io.IOException: <gone>", false));
        recording.collect();
        Duration second = Duration.ofSeconds(1);
        recording.played(new Recording.Played(new Scene("equal", "all equal", "", second), 0, 0, 1000 * MS));
        recording.played(
                new Recording.Played(new Scene("killed", "b is killed", "b", second), 1000 * MS, 1000 * MS, 2000 * MS));
        return recording;
    }
}
