package io.lbclient.routing;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
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
    private static final String LOOK_ALIKES =
            "\u037e\u2024\u2025\u2026\u2044\u2100\u2101\u2105\u2106\u2215\ufe14\ufe19\ufe30"
                    + "\ufe52\ufe54\ufe5f\ufe68\ufe6a\uff03\uff05\uff0e\uff0f\uff1b\uff3c";

    /** What stands for itself: neither takes part in a form nor may be read in two ways, within a segment. */
    private static final boolean[] PLAIN = new boolean[0x80];

    static {
        for (char c = 0x21; c < 0x7f; c++) {
            PLAIN[c] = "/%;\\?#".indexOf(c) < 0;
        }
    }

    private final String raw;
    /** The form so far; what is decoded is never longer than what was written. */
    private final char[] form;

    private int size;
    /** The size when the latest empty segment was left out; -1 if none was. */
    private int floor = -1;

    private @Nullable String refusal;

    private NormalPath(String raw) {
        this.raw = raw;
        form = new char[raw.length()];
    }

    /** Returns the path in its one form, null if it is refused; the same string if it is in that form already. */
    static @Nullable String of(String raw) {
        int odd = firstOdd(raw);
        return odd < 0 ? raw : new NormalPath(raw).read(odd);
    }

    /** Returns why a path is refused, null if it is not. */
    static @Nullable String refusal(String raw) {
        NormalPath path = new NormalPath(raw);
        path.read(0);
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

    private static boolean plain(char c) {
        return c < 0x80 && PLAIN[c];
    }

    /** Where a path is first in another than its one form, so that what is before stays; -1 if it is nowhere. */
    private static int firstOdd(String path) {
        int length = path.length();
        if (length == 0 || path.charAt(0) != '/') {
            return 0;
        }
        char before = 0;
        for (int i = 0; i < length; i++) {
            char c = path.charAt(i);
            boolean divides = c == '/';
            if (before == '/' ? divides || c == '.' || !plain(c) : !divides && !plain(c)) {
                return i;
            }
            before = c;
        }
        return before == '/' && length > 1 ? length : -1;
    }

    private @Nullable String read(int odd) {
        int query = raw.indexOf('?', odd);
        int end = query < 0 ? raw.length() : query;
        if (end == 0 || raw.charAt(0) != '/') {
            return refuse("it does not begin with a slash");
        }
        // The segments before the odd one are in their form.
        size = Math.max(0, raw.lastIndexOf('/', odd - 1));
        raw.getChars(0, size, form, 0);
        int from = size + 1;
        while (from <= end) {
            int to = addPlain(from, end);
            if (to < 0) {
                to = find('/', from, end);
                add(from, to);
            }
            if (refusal != null) {
                return null;
            }
            from = to + 1;
        }
        return size == 0 ? "/" : new String(form, 0, size);
    }

    /** Adds the segment at a place in one go, if all of it stands for itself; returns its end, or -1 if it does not. */
    private int addPlain(int from, int end) {
        int before = size;
        int put = before + 1;
        int at = from;
        while (at < end) {
            char c = raw.charAt(at);
            if (c == '/') {
                break;
            }
            if (!plain(c)) {
                return -1;
            }
            form[put++] = c;
            at++;
        }
        if (at > from) {
            form[before] = '/';
            size = put;
            leaveOutDots(before);
        } else if (at < end) {
            // The last one is the trailing slash.
            floor = size;
        }
        return at;
    }

    /** Takes the segment that was added at a place back if it consists of dots, and for two of them the one before. */
    private boolean leaveOutDots(int before) {
        int length = size - before - 1;
        if (length == 0 || length > 2 || form[before + 1] != '.' || form[size - 1] != '.') {
            return false;
        }
        size = before;
        if (length == 2) {
            goUp();
        }
        return true;
    }

    private @Nullable String refuse(String why) {
        refusal = why;
        return null;
    }

    /** Where a character is next, or the end. */
    private int find(char wanted, int from, int end) {
        int at = from;
        while (at < end && raw.charAt(at) != wanted) {
            at++;
        }
        return at;
    }

    /** Adds the segment between two places, or takes back the last for a double dot. */
    private void add(int from, int to) {
        int before = size;
        int parameters = find(';', from, to);
        form[size++] = '/';
        decode(from, parameters);
        boolean empty = size - before == 1;
        boolean dots = leaveOutDots(before);
        if (parameters < to) {
            if (empty || dots) {
                refuse("parameters on a dot segment or on an empty one");
            }
            checkParameters(parameters + 1, to);
        }
    }

    /** They take no part, but what is refused in a name is refused in them. */
    private void checkParameters(int from, int to) {
        int before = size;
        int at = from;
        while (at <= to) {
            int end = find(';', at, to);
            decode(at, end);
            size = before;
            at = end + 1;
        }
    }

    private void goUp() {
        if (size == floor) {
            // To some it takes back the empty segment, however far back that is, to others the one before.
            refuse("a double dot after an empty segment");
            return;
        }
        while (size > 0) {
            if (form[--size] == '/') {
                return;
            }
        }
    }

    private void decode(int from, int to) {
        int start = size;
        int at = from;
        while (at < to && refusal == null) {
            char c = raw.charAt(at);
            if (c == '%') {
                at = unescape(at, to);
            } else {
                form[size++] = c;
                at++;
            }
        }
        for (int i = start; i < size && refusal == null; i++) {
            refusal = refusalOf(form[i], i, start);
        }
    }

    /** Adds what an escape stands for, and those after it where they are parts of one character; returns what follows. */
    private int unescape(int at, int to) {
        int value = octet(at, to);
        if (value < 0x80) {
            if (value < 0) {
                refuse("a malformed escape");
            } else {
                form[size++] = (char) value;
            }
            return at + 3;
        }
        int next = at;
        while (next < to && raw.charAt(next) == '%' && octet(next, to) >= 0x80) {
            next += 3;
        }
        ByteBuffer octets = ByteBuffer.allocate((next - at) / 3);
        for (int i = at; i < next; i += 3) {
            octets.put((byte) octet(i, to));
        }
        try {
            // Strict: the over-long form of a slash is not UTF-8.
            CharBuffer text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(octets.flip());
            int count = text.remaining();
            text.get(form, size, count);
            size += count;
        } catch (CharacterCodingException e) {
            refuse("escapes that are not UTF-8");
        }
        return next;
    }

    /** What the escape at a place stands for; -1 if it is malformed. */
    private int octet(int at, int to) {
        return at + 2 < to ? hex(raw.charAt(at + 1)) << 4 | hex(raw.charAt(at + 2)) : -1;
    }

    private @Nullable String refusalOf(char c, int at, int start) {
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            return "a control character";
        }
        return switch (c) {
            case '/' -> "an encoded slash";
            case '\\' -> "a backslash";
            case ';' -> "an encoded semicolon";
            case '#' -> "a number sign";
            case '%' -> at + 2 < size && (hex(form[at + 1]) | hex(form[at + 2])) >= 0 ? "an escape of an escape" : null;
            default -> c < 0x80 ? null : refusalBeyondAscii(c, at, start);
        };
    }

    private @Nullable String refusalBeyondAscii(char c, int at, int start) {
        if (LOOK_ALIKES.indexOf(c) >= 0) {
            return "a look-alike of a dot or a slash";
        }
        boolean paired = !Character.isSurrogate(c)
                || (Character.isHighSurrogate(c)
                        ? at + 1 < size && Character.isLowSurrogate(form[at + 1])
                        : at > start && Character.isHighSurrogate(form[at - 1]));
        return paired ? null : "half of a character";
    }

    /** The value of a digit, -1 if it is none. */
    private static int hex(char c) {
        // Not Character.digit, which takes the digits of all scripts.
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }
}
