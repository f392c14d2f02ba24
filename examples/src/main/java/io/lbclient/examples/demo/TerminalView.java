package io.lbclient.examples.demo;

import io.lbclient.examples.demo.Line.Bar;
import io.lbclient.examples.demo.Line.Piece;
import io.lbclient.examples.demo.Line.Text;
import io.lbclient.examples.demo.Line.Tone;
import java.io.PrintStream;
import java.util.List;

/** Draws the frame in place, again and again. */
final class TerminalView implements View {
    private static final String ESC = "\033[";
    private static final String HIDE_CURSOR = ESC + "?25l";
    private static final String SHOW_CURSOR = ESC + "?25h";
    private static final String CLEAR_REST = ESC + "K";
    private static final String CLEAR_BELOW = ESC + "J";
    private static final String RESET = ESC + "0m";
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    private final PrintStream out;
    private int linesDrawn;

    TerminalView(PrintStream out) {
        this.out = out;
    }

    @Override
    public void show(Frame frame) {
        List<Line> lines = FrameText.lines(frame);
        StringBuilder text = new StringBuilder(HIDE_CURSOR);
        if (linesDrawn > 0) {
            text.append(ESC).append(linesDrawn).append('A');
        }
        for (Line line : lines) {
            text.append('\r');
            line.pieces().forEach(piece -> paint(piece, text));
            text.append(CLEAR_REST).append('\n');
        }
        text.append(CLEAR_BELOW);
        linesDrawn = lines.size();
        // One write for a frame, or it flickers.
        out.print(text);
        out.flush();
    }

    private static void paint(Piece piece, StringBuilder into) {
        if (piece instanceof Text text) {
            into.append(color(text.tone())).append(text.text()).append(RESET);
        } else if (piece instanceof Bar bar) {
            into.append(color(bar.tone())).append(blocks(bar)).append(RESET);
        }
    }

    /** The bar in eighths of a cell; its mark shows where the bar does not reach. */
    static String blocks(Bar bar) {
        int eighths = (int) Math.round(bar.filled() * bar.width() * 8);
        int mark = bar.mark() < 0 ? -1 : Math.min(bar.width() - 1, (int) Math.round(bar.mark() * bar.width()));
        StringBuilder text = new StringBuilder();
        for (int cell = 0; cell < bar.width(); cell++) {
            int here = Math.min(8, Math.max(0, eighths - 8 * cell));
            if (here == 8) {
                text.append('█');
            } else if (here > 0) {
                text.append(EIGHTHS.charAt(here));
            } else {
                text.append(cell == mark ? '┊' : '·');
            }
        }
        return text.toString();
    }

    private static String color(Tone tone) {
        return switch (tone) {
            case PLAIN -> "";
            case DIM -> ESC + "2m";
            case STRONG -> ESC + "1m";
            case GOOD -> ESC + "32m";
            case WARN -> ESC + "33m";
            case BAD -> ESC + "31m";
        };
    }

    @Override
    public void close() {
        out.print(SHOW_CURSOR);
        out.flush();
    }
}
