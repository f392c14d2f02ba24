package io.lbclient.examples.demo;

import java.util.ArrayList;
import java.util.List;

/** One line of the live view, as pieces that a terminal and a picture can each paint in their own way. */
final class Line {
    /** What a piece of text is, for its color. */
    enum Tone {
        PLAIN,
        DIM,
        STRONG,
        GOOD,
        WARN,
        BAD
    }

    sealed interface Piece permits Text, Bar {
        int width();
    }

    record Text(String text, Tone tone) implements Piece {
        @Override
        public int width() {
            return text.length();
        }
    }

    /**
     * A bar.
     *
     * @param width the cells that it may fill
     * @param filled the part of them that it fills, 0 to 1
     * @param mark where a fine mark stands, 0 to 1; negative for none
     * @param tone its color
     */
    record Bar(int width, double filled, double mark, Tone tone) implements Piece {}

    private final List<Piece> pieces = new ArrayList<>();

    Line text(String text) {
        return text(text, Tone.PLAIN);
    }

    Line text(String text, Tone tone) {
        pieces.add(new Text(text, tone));
        return this;
    }

    Line right(String text, int width, Tone tone) {
        return text(" ".repeat(Math.max(0, width - text.length())) + text, tone);
    }

    Line left(String text, int width, Tone tone) {
        return text(text + " ".repeat(Math.max(0, width - text.length())), tone);
    }

    Line bar(int width, double filled, double mark, Tone tone) {
        pieces.add(new Bar(width, Math.max(0, Math.min(1, filled)), mark, tone));
        return this;
    }

    List<Piece> pieces() {
        return List.copyOf(pieces);
    }

    int width() {
        return pieces.stream().mapToInt(Piece::width).sum();
    }
}
