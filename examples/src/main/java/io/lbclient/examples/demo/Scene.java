package io.lbclient.examples.demo;

import java.time.Duration;

/**
 * One part of the story.
 *
 * @param name one word, as in the JSON
 * @param title what is shown while it is played
 * @param server whom it happens to; empty if nobody
 * @param duration how long it is played
 */
record Scene(String name, String title, String server, Duration duration) {
    static Scene of(String name, String title, String server, long millis) {
        return new Scene(name, title, server, Duration.ofMillis(millis));
    }
}
