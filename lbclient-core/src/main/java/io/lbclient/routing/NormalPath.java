package io.lbclient.routing;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings a path into the one form in which paths are compared, or refuses it.
 *
 * <p>Empty segments, dot segments (RFC 3986, 5.2.4), path parameters and a trailing slash are taken out, and percent
 * escapes are decoded once. Whatever two servers may read in two ways is refused, so that nobody gets past a rule by
 * writing a path in a form that the router reads in one way and the server in another: an encoded slash, backslash,
 * semicolon or control character, an escape of an escape, malformed escapes and UTF-8, look-alikes of dot and slash.
 * Takes time proportional to the length.
 */
final class NormalPath {
    /**
     * What a server that brings text into Unicode's compatibility form (NFKC) takes for dots, slashes, a backslash, a
     * semicolon, a percent or a number sign, or for text with one of them in it; and the division slash.
     */
    private static final String LOOK_ALIKES = "\u037e\u2024\u2025\u2026\u2044\u2100\u2101\u2105\u2106\u2215\ufe14\ufe19\ufe30"
            + "\ufe52\ufe54\ufe5f\ufe68\ufe6a\uff03\uff05\uff0e\uff0f\uff1b\uff3c";

    private final String raw;
    private final List<String> segments = new ArrayList<>();
    /** How many segments there were when the latest empty one was left out; -1 if none was. */
    private int floor = -1;

    private @Nullable String refusal;

    private NormalPath(String raw) {
        this.raw = raw;
    }

    /** Returns the path in its one form, null if it is refused; the same string if it is in that form already. */
    static @Nullable String of(String raw) {
        return isNormal(raw) ? raw : new NormalPath(raw).read();
    }

    /** Returns why a path is refused, null if it is not. */
    static @Nullable String refusal(String raw) {
        NormalPath path = new NormalPath(raw);
        path.read();
        return path.refusal;
    }

    /** Folds the case of each character on its own, so that the length stays. */
    static String folded(String path) {
        for (int i = 0; i < path.length(); i++) {
            if (fold(path.charAt(i)) != path.charAt(i)) {
                char[] folded = path.toCharArray();
                for (int k = i; k < folded.length; k++) {
                    folded[k] = fold(folded[k]);
                }
                return new String(folded);
            }
        }
        return path;
    }

    /** As {@link String#equalsIgnoreCase} compares. */
    private static char fold(char c) {
        return c < 0x80 ? c >= 'A' && c <= 'Z' ? (char) (c + 32) : c : Character.toLowerCase(Character.toUpperCase(c));
    }

    private static boolean isNormal(String path) {
        int length = path.length();
        if (length == 0 || path.charAt(0) != '/') {
            return false;
        }
        char before = 0;
        for (int i = 0; i < length; i++) {
            char c = path.charAt(i);
            boolean plain = c > 0x20 && c < 0x7f && c != '%' && c != ';' && c != '\\' && c != '?' && c != '#';
            if (!plain || (before == '/' && (c == '/' || c == '.'))) {
                return false;
            }
            before = c;
        }
        return before != '/' || length == 1;
    }

    private @Nullable String read() {
        int end = raw.indexOf('?');
        String path = end < 0 ? raw : raw.substring(0, end);
        if (path.isEmpty() || path.charAt(0) != '/') {
            return refuse("it does not begin with a slash");
        }
        int from = 1;
        while (from <= path.length()) {
            int to = path.indexOf('/', from);
            to = to < 0 ? path.length() : to;
            if (to == from) {
                // The last one is the trailing slash.
                floor = to < path.length() ? segments.size() : floor;
            } else if (!add(path.substring(from, to))) {
                return null;
            }
            from = to + 1;
        }
        return "/" + String.join("/", segments);
    }

    private @Nullable String refuse(String why) {
        refusal = why;
        return null;
    }

    /** Adds a segment, or removes the last for a double dot; false if the path is refused. */
    private boolean add(String written) {
        int parameters = written.indexOf(';');
        String name = parameters < 0 ? written : written.substring(0, parameters);
        String segment = name.isEmpty() ? name : decoded(name);
        if (segment == null) {
            return false;
        }
        boolean dots = segment.equals(".") || segment.equals("..");
        if (parameters >= 0 && (dots || segment.isEmpty())) {
            refuse("parameters on a dot segment or on an empty one");
            return false;
        }
        if (parameters >= 0) {
            for (String one : written.substring(parameters + 1).split(";")) {
                if (decoded(one) == null) {
                    return false;
                }
            }
        }
        if (segment.equals("..")) {
            if (segments.size() == floor) {
                // To some it takes back the empty segment, however far back that is, to others the one before.
                refuse("a double dot after an empty segment");
                return false;
            }
            if (!segments.isEmpty()) {
                segments.remove(segments.size() - 1);
            }
        } else if (!dots) {
            segments.add(segment);
        }
        return true;
    }

    private @Nullable String decoded(String text) {
        String decoded = text;
        if (text.indexOf('%') >= 0) {
            decoded = unescaped(text);
            if (decoded == null) {
                return null;
            }
        }
        for (int i = 0; i < decoded.length(); i++) {
            char c = decoded.charAt(i);
            String why = refusalOf(c, decoded, i);
            if (why != null) {
                return refuse(why);
            }
        }
        return decoded;
    }

    private static @Nullable String refusalOf(char c, String text, int at) {
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            return "a control character";
        }
        return switch (c) {
            case '/' -> "an encoded slash";
            case '\\' -> "a backslash";
            case ';' -> "an encoded semicolon";
            case '#' -> "a number sign";
            case '%' ->
                at + 2 < text.length() && hex(text.charAt(at + 1)) >= 0 && hex(text.charAt(at + 2)) >= 0
                        ? "an escape of an escape"
                        : null;
            default -> LOOK_ALIKES.indexOf(c) >= 0 ? "a look-alike of a dot or a slash" : unpaired(c, text, at) ? "half of a character" : null;
        };
    }

    private static boolean unpaired(char c, String text, int at) {
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }

    private @Nullable String unescaped(String text) {
        StringBuilder all = new StringBuilder(text.length());
        byte[] bytes = new byte[text.length() / 3];
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) != '%') {
                all.append(text.charAt(at++));
                continue;
            }
            int count = 0;
            while (at < text.length() && text.charAt(at) == '%') {
                int high = at + 2 < text.length() ? hex(text.charAt(at + 1)) : -1;
                int low = high < 0 ? -1 : hex(text.charAt(at + 2));
                if (low < 0) {
                    return refuse("a malformed escape");
                }
                bytes[count++] = (byte) (high << 4 | low);
                at += 3;
            }
            try {
                // Strict: the over-long form of a slash is not UTF-8.
                all.append(StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .decode(ByteBuffer.wrap(bytes, 0, count)));
            } catch (CharacterCodingException e) {
                return refuse("escapes that are not UTF-8");
            }
        }
        return all.toString();
    }

    private static int hex(char c) {
        // Not Character.digit, which takes the digits of all scripts.
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }
}
