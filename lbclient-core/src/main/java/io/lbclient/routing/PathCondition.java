package io.lbclient.routing;

import io.lbclient.internal.Checks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tests the path: all of it, its beginning, or its shape. */
final class PathCondition extends Condition {
    enum Kind {
        EXACT,
        PREFIX,
        TEMPLATE
    }

    /** What ends a template that stands for all paths that begin so. */
    private static final String REST = "/**";

    private static final int MAX_LENGTH = 4096;

    final Kind kind;
    private final String written;
    /** Without what stands for the rest. */
    private final String pattern;

    private final String folded;
    /** Whether more segments may follow. */
    final boolean open;

    private PathCondition(Kind kind, String written, String pattern) {
        this.kind = kind;
        this.written = written;
        this.pattern = pattern;
        folded = NormalPath.folded(pattern);
        open = kind == Kind.PREFIX || !written.equals(pattern);
    }

    static PathCondition exact(String path) {
        return new PathCondition(Kind.EXACT, path, normal(path, path));
    }

    static PathCondition prefix(String path) {
        return new PathCondition(Kind.PREFIX, path, normal(path, path));
    }

    static PathCondition template(String template) {
        String pattern = template.endsWith(REST) ? template.substring(0, template.length() - REST.length()) : template;
        normal(pattern, template);
        for (String segment : segments(pattern)) {
            boolean variable = isVariable(segment);
            String name = variable ? segment.substring(1, segment.length() - 1) : segment;
            if (name.isEmpty() || name.indexOf('{') >= 0 || name.indexOf('}') >= 0 || name.indexOf('*') >= 0) {
                throw Checks.rejected(
                        "template",
                        Checks.printable(template),
                        "segments that are text or one {name}, and /** at the end");
            }
        }
        return new PathCondition(Kind.TEMPLATE, template, pattern);
    }

    /** A pattern is given decoded, so what would have to be decoded or taken out first is a mistake. */
    private static String normal(String path, String given) {
        String escaped = path.replace("%", "%25").replace("?", "%3F");
        String normal = NormalPath.of(escaped);
        if (!path.equals(normal) || path.indexOf(';') >= 0 || path.length() > MAX_LENGTH) {
            String form = normal == null || normal.equals(path) ? "" : ", such as " + Checks.printable(normal);
            throw Checks.rejected("path", Checks.printable(given), "a decoded path in its one form" + form);
        }
        return path;
    }

    static boolean isVariable(String segment) {
        return segment.startsWith("{") && segment.endsWith("}") && segment.length() > 1;
    }

    private static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    String pattern(boolean ignoreCase) {
        return ignoreCase ? folded : pattern;
    }

    /** The segments of a template, its variables as they were written. */
    List<String> segments(boolean ignoreCase) {
        return segments(pattern(ignoreCase));
    }

    @Override
    boolean test(RoutedRequest request) {
        String path = request.path;
        if (path == null || path.isEmpty()) {
            return false;
        }
        String asked = pattern(request.ignoreCase);
        return switch (kind) {
            case EXACT -> path.equals(asked);
            case PREFIX ->
                asked.length() == 1
                        || (path.startsWith(asked)
                                && (path.length() == asked.length() || path.charAt(asked.length()) == '/'));
            case TEMPLATE -> fits(path, asked);
        };
    }

    private boolean fits(String path, String asked) {
        int at = 0;
        int of = 0;
        while (of < asked.length()) {
            if (at >= path.length()) {
                return false;
            }
            int to = end(path, at + 1);
            int until = end(asked, of + 1);
            boolean variable = asked.charAt(of + 1) == '{';
            boolean same = variable ? to > at + 1 : to - at == until - of && path.regionMatches(at, asked, of, to - at);
            if (!same) {
                return false;
            }
            at = to;
            of = until;
        }
        return at == path.length() || open;
    }

    private static int end(String path, int from) {
        int slash = path.indexOf('/', from);
        return slash < 0 ? path.length() : slash;
    }

    @Override
    @Nullable String whyNot(RoutedRequest request) {
        if (test(request)) {
            return null;
        }
        return switch (kind) {
            case EXACT -> "the path is not " + written;
            case PREFIX -> "the path is not at or below " + written;
            case TEMPLATE -> "the path has not the shape " + written;
        };
    }

    @Override
    public String toString() {
        return switch (kind) {
            case EXACT -> "path " + written;
            case PREFIX -> "path prefix " + written;
            case TEMPLATE -> "path template " + written;
        };
    }
}
