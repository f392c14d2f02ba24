package io.lbclient.examples.demo;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/** Draws values over the time of a run as inline SVG, with the scenes as bands. Colors come from the page's CSS. */
final class SvgChart {
    /**
     * A line or a layer.
     *
     * @param name for the tooltip
     * @param cssClass gives it its color
     * @param values one for each step of the time; NaN where there is none
     */
    record Series(String name, String cssClass, List<Double> values) {}

    private static final int WIDTH = 960;
    private static final int HEIGHT = 260;
    private static final int LEFT = 56;
    private static final int RIGHT = 8;
    private static final int TOP = 26;
    private static final int BOTTOM = 24;

    private final StringBuilder svg = new StringBuilder();
    private final double seconds;
    private final double step;

    /**
     * @param seconds how long the run was
     * @param step how many seconds one value stands for
     */
    SvgChart(String title, double seconds, double step) {
        this.seconds = seconds;
        this.step = step;
        add("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n", WIDTH, HEIGHT, Markup.escape(title));
    }

    /** The scenes behind everything else, with their names above. */
    SvgChart bands(List<Recording.Played> scenes) {
        for (int i = 0; i < scenes.size(); i++) {
            double from = x(scenes.get(i).beginNanos() / 1e9);
            double to = x(scenes.get(i).endNanos() / 1e9);
            add(
                    "<rect class=\"band%d\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                    i % 2, from, TOP, to - from, HEIGHT - TOP - BOTTOM);
            add(
                    "<text class=\"scene\" x=\"%.1f\" y=\"%d\">%s</text>%n",
                    (from + to) / 2,
                    TOP - 9,
                    Markup.escape(scenes.get(i).scene().name()));
        }
        double tick = seconds > 40 ? 10 : 5;
        for (double at = 0; at <= seconds; at += tick) {
            add("<text class=\"axis mid\" x=\"%.1f\" y=\"%d\">%.0f s</text>%n", x(at), HEIGHT - 6, at);
        }
        return this;
    }

    /** Layers on top of each other, which add up to 1. */
    SvgChart stacked(List<Series> layers) {
        DoubleUnaryOperator y = share -> HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
        double[] base = new double[layers.get(0).values().size()];
        for (Series layer : layers) {
            StringBuilder above = new StringBuilder();
            StringBuilder below = new StringBuilder();
            for (int i = 0; i < base.length; i++) {
                double value =
                        Double.isNaN(layer.values().get(i)) ? 0 : layer.values().get(i);
                below.insert(0, point(i, y.applyAsDouble(base[i])));
                base[i] += value;
                above.append(point(i, y.applyAsDouble(Math.min(1, base[i]))));
            }
            add(
                    "<polygon class=\"layer %s\" points=\"%s%s\"><title>%s</title></polygon>%n",
                    layer.cssClass(), above, below, Markup.escape(layer.name()));
        }
        for (double share : new double[] {0, 0.25, 0.5, 0.75, 1}) {
            gridLine(y.applyAsDouble(share), FrameText.percent(share));
        }
        return this;
    }

    /** Lines over a logarithmic scale of milliseconds. */
    SvgChart lines(List<Series> lines) {
        double low = 1;
        double high = 10;
        for (Series line : lines) {
            for (double value : line.values()) {
                while (value > high) {
                    high *= 10;
                }
            }
        }
        double decades = Math.log10(high / low);
        DoubleUnaryOperator y =
                value -> HEIGHT - BOTTOM - Math.max(0, Math.log10(value / low)) / decades * (HEIGHT - TOP - BOTTOM);
        for (double value = low; value <= high; value *= 10) {
            gridLine(y.applyAsDouble(value), String.format(Locale.ROOT, "%.0f ms", value));
        }
        for (Series line : lines) {
            add(
                    "<path class=\"line %s\" d=\"%s\"><title>%s</title></path>%n",
                    line.cssClass(), path(line.values(), y), Markup.escape(line.name()));
        }
        return this;
    }

    /** A gap where there is no value: a dead server has no latency, not a low one. */
    private String path(List<Double> values, DoubleUnaryOperator y) {
        StringBuilder path = new StringBuilder();
        boolean down = false;
        for (int i = 0; i < values.size(); i++) {
            if (Double.isNaN(values.get(i))) {
                down = false;
            } else {
                path.append(down ? 'L' : 'M').append(point(i, y.applyAsDouble(values.get(i))));
                // A lone value is a dot: a line of no length, with a round cap.
                boolean alone = !down && (i + 1 == values.size() || Double.isNaN(values.get(i + 1)));
                path.append(alone ? "h0 " : "");
                down = true;
            }
        }
        return path.toString();
    }

    private String point(int index, double y) {
        double middle = Math.min(seconds, (index + 0.5) * step);
        return String.format(Locale.ROOT, "%.1f,%.1f ", x(middle), y);
    }

    private void gridLine(double y, String label) {
        add("<path class=\"grid\" d=\"M%d %.1fH%d\"/>%n", LEFT, y, WIDTH - RIGHT);
        add("<text class=\"axis end\" x=\"%d\" y=\"%.1f\">%s</text>%n", LEFT - 6, y + 4, label);
    }

    private double x(double at) {
        return LEFT + at / seconds * (WIDTH - LEFT - RIGHT);
    }

    private void add(String pattern, Object... values) {
        svg.append(String.format(Locale.ROOT, pattern, values));
    }

    @Override
    public String toString() {
        return svg + "</svg>\n";
    }
}
