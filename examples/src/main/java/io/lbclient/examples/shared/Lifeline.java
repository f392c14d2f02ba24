package io.lbclient.examples.shared;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What ties a server's process to the one that began it; used in the server's. */
public final class Lifeline {
    static final String LISTENING = "listening ";

    private Lifeline() {}

    /**
     * Says where the server listens, and does what it is told until standard input ends, which it does with the process at
     * its other end. Then the server ends at once: an orderly stop would wait for answers that nobody is there to read.
     *
     * @param port where it listens
     * @param command takes each line that it is sent
     * @throws IOException if standard input fails
     */
    public static void hold(int port, Consumer<String> command) throws IOException {
        System.out.println(LISTENING + port);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            command.accept(line);
        }
        Runtime.getRuntime().halt(0);
    }

    /**
     * The same for a server that is told nothing.
     *
     * @param port where it listens
     * @throws IOException if standard input fails
     */
    public static void hold(int port) throws IOException {
        hold(port, line -> {
            throw new IllegalArgumentException("line: " + line + " (expected: none)");
        });
    }
}
