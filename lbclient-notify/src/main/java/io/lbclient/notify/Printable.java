package io.lbclient.notify;

/** Text from outside on its way into a log: it must not be able to begin a line of its own. */
final class Printable {
    private static final int MAX = 200;

    private Printable() {}

    static String of(String text) {
        String shown = text.length() > MAX ? text.substring(0, MAX) + "..." : text;
        StringBuilder escaped = new StringBuilder();
        shown.chars()
                .forEach(
                        c -> escaped.append(c >= 0x20 && c < 0x7f ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return escaped.toString();
    }
}
