package io.lbclient.routing;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rules for a path: those for exactly it and for each of its beginnings by one look into a table each, those of
 * templates in a tree, and those that ask for no path in a list.
 */
final class PathIndex {
    private final RegionTable<Shortlist> exact;
    private final RegionTable<Shortlist> prefixes;
    private final @Nullable Shortlist everything;
    private final @Nullable TemplateNode templates;
    private final @Nullable Shortlist pathless;
    private final int longestPrefix;

    PathIndex(List<Alternative> inOrder, boolean ignoreCase) {
        exact = new RegionTable<>(byPattern(inOrder, PathCondition.Kind.EXACT, ignoreCase));
        Map<String, Shortlist> byPrefix = byPattern(inOrder, PathCondition.Kind.PREFIX, ignoreCase);
        everything = byPrefix.remove("/");
        prefixes = new RegionTable<>(byPrefix);
        longestPrefix =
                byPrefix.keySet().stream().mapToInt(String::length).max().orElse(0);
        templates = TemplateNode.of(inOrder, ignoreCase);
        List<Alternative> others =
                inOrder.stream().filter(one -> one.path() == null).toList();
        pathless = others.isEmpty() ? null : Shortlist.of(others);
    }

    private static Map<String, Shortlist> byPattern(
            List<Alternative> inOrder, PathCondition.Kind kind, boolean ignoreCase) {
        Stream<Alternative> those = inOrder.stream().filter(one -> one.path() != null && one.path().kind == kind);
        return Shortlist.of(those, one -> pattern(one, ignoreCase));
    }

    private static String pattern(Alternative one, boolean ignoreCase) {
        PathCondition path = one.path();
        return path == null ? "" : path.pattern(ignoreCase);
    }

    /** Returns the first rule that a request meets, if it comes before the best so far; else the best so far. */
    @Nullable Alternative first(RoutedRequest request, String path, @Nullable Alternative soFar) {
        Alternative best = soFar;
        if (!path.isEmpty()) {
            best = first(exact.get(path, 0, path.length(), path.hashCode()), request, best);
            best = prefixes(request, path, best);
            best = first(everything, request, best);
            if (templates != null) {
                best = templates.first(request, path, 0, best);
            }
        }
        return first(pathless, request, best);
    }

    private @Nullable Alternative prefixes(RoutedRequest request, String path, @Nullable Alternative soFar) {
        Alternative best = soFar;
        int last = Math.min(path.length(), longestPrefix);
        // As the string's own hash of each beginning would be.
        int hash = 0;
        for (int i = 0; i < last; i++) {
            char c = path.charAt(i);
            if (c == '/' && i > 0) {
                best = first(prefixes.get(path, 0, i, hash), request, best);
            }
            hash = 31 * hash + c;
        }
        boolean whole = last > 0 && (last == path.length() || path.charAt(last) == '/');
        return whole ? first(prefixes.get(path, 0, last, hash), request, best) : best;
    }

    private static @Nullable Alternative first(
            @Nullable Shortlist some, RoutedRequest request, @Nullable Alternative best) {
        return some == null ? best : some.first(request, best);
    }
}
