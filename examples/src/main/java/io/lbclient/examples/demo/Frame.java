package io.lbclient.examples.demo;

import io.lbclient.HealthState;
import java.util.List;

/**
 * All that the live view shows at one moment.
 *
 * @param atNanos the moment
 * @param subtitle what the program is doing, in one line
 * @param rows one for each server
 * @param requests how many requests the user had sent
 * @param errors how many errors the user had seen
 * @param retries how many attempts were not the first of their request
 * @param latencies of the requests of the last moments
 * @param progress where in the story we are
 * @param events the latest, oldest first
 */
record Frame(
        long atNanos,
        String subtitle,
        List<Row> rows,
        long requests,
        long errors,
        long retries,
        Latencies latencies,
        Progress progress,
        List<Recording.Event> events) {
    /**
     * One server.
     *
     * @param name the server's name
     * @param port its port
     * @param share its part of the latest picks, 0 to 1
     * @param fair what would be fair
     * @param inFlight its attempts in flight
     * @param latencies of its latest answers
     * @param failures the attempts at it that lbclient counted as failures, since it joined
     * @param state what lbclient thinks of it
     */
    record Row(
            String name,
            int port,
            double share,
            double fair,
            int inFlight,
            Latencies latencies,
            long failures,
            HealthState state) {}

    /**
     * Where in the story we are.
     *
     * @param number of the scene, from 1
     * @param scenes how many there are
     * @param title of the scene
     * @param done part of the whole run, 0 to 1
     */
    record Progress(int number, int scenes, String title, double done) {}
}
