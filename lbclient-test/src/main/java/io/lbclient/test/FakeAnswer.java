package io.lbclient.test;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a {@link FakeServer} answers. Immutable; each method returns a changed copy.
 *
 * @param status the status, 100 to 599
 * @param headers the headers, without those of the framing
 * @param body the body, sent as UTF-8
 * @param delay how long the answer takes, in real time, after the request was read
 */
public record FakeAnswer(int status, Map<String, String> headers, String body, Duration delay) {
    /**
     * Checks the settings.
     *
     * @param status the status, 100 to 599
     * @param headers the headers, without those of the framing
     * @param body the body, sent as UTF-8
     * @param delay how long the answer takes
     * @throws IllegalArgumentException if the status is out of range or the delay is negative
     */
    public FakeAnswer {
        if (status < 100 || status > 599) {
            throw new IllegalArgumentException("status: " + status + " (expected: 100 to 599)");
        }
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay: " + delay + " (expected: >= 0)");
        }
        headers = Map.copyOf(headers);
    }

    /**
     * Returns an answer at once, with an empty body.
     *
     * @param status the status, 100 to 599
     * @return the answer
     * @throws IllegalArgumentException if it is out of range
     */
    public static FakeAnswer status(int status) {
        return new FakeAnswer(status, Map.of(), "", Duration.ZERO);
    }

    /**
     * Sets the body.
     *
     * @param text the body, sent as UTF-8
     * @return the changed answer
     */
    public FakeAnswer body(String text) {
        return new FakeAnswer(status, headers, text, delay);
    }

    /**
     * Adds a header.
     *
     * @param name its name
     * @param value its value
     * @return the changed answer
     */
    public FakeAnswer header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new FakeAnswer(status, more, body, delay);
    }

    /**
     * Lets the answer take its time.
     *
     * @param time real time, at least zero
     * @return the changed answer
     * @throws IllegalArgumentException if it is negative
     */
    public FakeAnswer after(Duration time) {
        return new FakeAnswer(status, headers, body, time);
    }
}
