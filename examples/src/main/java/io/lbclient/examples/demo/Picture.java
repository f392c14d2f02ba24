package io.lbclient.examples.demo;

import io.lbclient.examples.demo.Line.Bar;
import io.lbclient.examples.demo.Line.Piece;
import io.lbclient.examples.demo.Line.Text;
import io.lbclient.examples.demo.Line.Tone;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Paints a frame as an SVG file that looks like a terminal, for a page that cannot show one. */
final class Picture {
    private static final int FONT_SIZE = 14;
    private static final double CELL = 8.43;
    private static final int LINE = 21;
    private static final int MARGIN = 14;
    private static final int TITLE_BAR = 30;
    private static final String TRACK = "#2d333b";

    private Picture() {}

    static String of(Frame frame) {
        List<Line> lines = new ArrayList<>(FrameText.lines(frame));
        while (lines.get(lines.size() - 1).pieces().isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        int width = (int) Math.ceil(FrameText.WIDTH * CELL) + 2 * MARGIN;
        int height = TITLE_BAR + lines.size() * LINE + MARGIN;
        StringBuilder svg = new StringBuilder();
        svg.append(format(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">
                <title>The live view of ./demo while %s is dead</title>
                <rect width="%d" height="%d" rx="8" fill="#1c2128" stroke="#444c56"/>
                <g fill="#545d68"><circle cx="20" cy="16" r="5"/><circle cx="38" cy="16" r="5"/><circle cx="56" cy="16" r="5"/></g>
                <g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" font-size="%d" xml:space="preserve">
                <text x="%d" y="21" fill="#768390" text-anchor="middle">./demo</text>
                """, width, height, width, height, TourStory.KILLED_SERVER, width, height, FONT_SIZE, width / 2));
        for (int i = 0; i < lines.size(); i++) {
            paint(lines.get(i), TITLE_BAR + (i + 1) * LINE - 6, svg);
        }
        return svg.append("</g>\n</svg>\n").toString();
    }

    private static void paint(Line line, int baseline, StringBuilder svg) {
        int column = 0;
        for (Piece piece : line.pieces()) {
            double x = MARGIN + column * CELL;
            if (piece instanceof Text text && !text.text().isBlank()) {
                // The length is given, so that columns stay in line whichever of the fonts is there.
                String trimmed = text.text().strip();
                int lead = text.text().indexOf(trimmed.charAt(0));
                svg.append(format(
                        "<text x=\"%.1f\" y=\"%d\" fill=\"%s\"%s textLength=\"%.1f\">%s</text>\n",
                        x + lead * CELL,
                        baseline,
                        color(text.tone()),
                        text.tone() == Tone.STRONG ? " font-weight=\"bold\"" : "",
                        trimmed.length() * CELL,
                        Markup.escape(trimmed)));
            } else if (piece instanceof Bar bar) {
                paint(bar, x, baseline, svg);
            }
            column += piece.width();
        }
    }

    private static void paint(Bar bar, double x, int baseline, StringBuilder svg) {
        double width = bar.width() * CELL;
        String rectangle = "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"12\" rx=\"2\" fill=\"%s\"/>\n";
        svg.append(format(rectangle, x, baseline - 10, width, TRACK));
        if (bar.filled() > 0) {
            svg.append(format(rectangle, x, baseline - 10, bar.filled() * width, color(bar.tone())));
        }
        if (bar.mark() >= 0) {
            double mark = x + bar.mark() * width;
            svg.append(format(
                    "<path d=\"M%.1f %dv16\" stroke=\"#adbac7\" stroke-dasharray=\"2 2\"/>\n", mark, baseline - 12));
        }
    }

    private static String color(Tone tone) {
        return switch (tone) {
            case PLAIN -> "#cdd9e5";
            case DIM -> "#768390";
            case STRONG -> "#f0f6fc";
            case GOOD -> "#57ab5a";
            case WARN -> "#daaa3f";
            case BAD -> "#f47067";
        };
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
