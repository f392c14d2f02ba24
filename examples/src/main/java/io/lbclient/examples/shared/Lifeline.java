package io.lbclient.examples.shared;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What ties a server's process to the one that began it; used in the server's, from the first line of its main method. */
public final class Lifeline {
    static final String LISTENING = "listening";

    private final Thread watch = new Thread(this::watchOver, "lifeline");
    private volatile Consumer<String> command = line -> {
        throw new IllegalArgumentException("line: " + line + " (expected: none)");
    };

    private Lifeline() {
        watch.setDaemon(true);
    }

    /**
     * Watches standard input from now on, which ends with the process at its other end. Then this one ends at once: an
     * orderly stop would wait for answers that nobody is there to read.
     *
     * @return the lifeline
     */
    public static Lifeline watch() {
        Lifeline lifeline = new Lifeline();
        lifeline.watch.start();
        return lifeline;
    }

    private void watchOver() {
        int code = 1;
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                command.accept(line);
            }
            code = 0;
        } catch (IOException | RuntimeException e) {
            System.err.println("demo: a server ends: " + e);
        } finally {
            Runtime.getRuntime().halt(code);
        }
    }

    /**
     * Says that the server listens, and does what it is told until its process ends.
     *
     * @param told takes each line that it is sent
     * @throws InterruptedException if the thread is interrupted
     */
    public void hold(Consumer<String> told) throws InterruptedException {
        command = told;
        hold();
    }

    /**
     * The same for a server that is told nothing.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void hold() throws InterruptedException {
        System.out.println(LISTENING);
        watch.join();
    }
}
