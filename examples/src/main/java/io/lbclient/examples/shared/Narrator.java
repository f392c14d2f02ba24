package io.lbclient.examples.shared;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells line by line what a demonstration does and measures, and in the end what is not as promised. Used by one thread. */
public final class Narrator {
    private final PrintStream out;
    private final List<String> broken = new ArrayList<>();

    /**
     * Creates a narrator.
     *
     * @param out where the lines go
     */
    public Narrator(PrintStream out) {
        this.out = out;
    }

    /**
     * Says a line, at once.
     *
     * @param format as {@link String#format} takes it; numbers are written as in English
     * @param arguments what it asks for
     */
    public void say(String format, Object... arguments) {
        out.printf(Locale.ROOT, format + "%n", arguments);
        out.flush();
    }

    /**
     * Notes whether a promise was kept.
     *
     * @param kept whether it was
     * @param otherwise what is to be told in the end if it was not
     */
    public void promise(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(otherwise);
        }
    }

    /**
     * Tells which promises were not kept.
     *
     * @return whether all were
     */
    public boolean end() {
        broken.forEach(what -> say("NOT AS PROMISED: %s", what));
        return broken.isEmpty();
    }
}
