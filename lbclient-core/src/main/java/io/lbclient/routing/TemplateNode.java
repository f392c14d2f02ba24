package io.lbclient.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node of the tree of templates, one level for each segment: text segments by their text, variables in one branch. */
final class TemplateNode {
    private final RegionTable<TemplateNode> texts;
    private final @Nullable TemplateNode variable;
    private final @Nullable Shortlist ending;
    private final @Nullable Shortlist open;

    private TemplateNode(Growing from) {
        Map<String, TemplateNode> children = new HashMap<>();
        from.texts.forEach((text, child) -> children.put(text, new TemplateNode(child)));
        texts = new RegionTable<>(children);
        variable = from.variable == null ? null : new TemplateNode(from.variable);
        ending = from.ending.isEmpty() ? null : Shortlist.of(from.ending);
        open = from.open.isEmpty() ? null : Shortlist.of(from.open);
    }

    /** Returns the tree of the templates of some rules, null if there are none. */
    static @Nullable TemplateNode of(List<Alternative> inOrder, boolean ignoreCase) {
        Growing root = new Growing();
        boolean any = false;
        for (Alternative one : inOrder) {
            PathCondition path = one.path();
            if (path == null || path.kind != PathCondition.Kind.TEMPLATE) {
                continue;
            }
            any = true;
            Growing node = root;
            for (String segment : path.segments(ignoreCase)) {
                node = node.child(segment);
            }
            (path.open ? node.open : node.ending).add(one);
        }
        return any ? new TemplateNode(root) : null;
    }

    /**
     * Returns the first rule that a request meets, if it comes before the best so far; else the best so far.
     *
     * @param from where the rest of the path begins, with its slash; its length at the end
     */
    @Nullable Alternative first(RoutedRequest request, String path, int from, @Nullable Alternative soFar) {
        Alternative best = open == null ? soFar : open.first(request, soFar);
        if (from >= path.length()) {
            return ending == null ? best : ending.first(request, best);
        }
        int start = from + 1;
        int end = start;
        int hash = 0;
        while (end < path.length() && path.charAt(end) != '/') {
            hash = 31 * hash + path.charAt(end++);
        }
        TemplateNode text = texts.get(path, start, end, hash);
        if (text != null) {
            best = text.first(request, path, end, best);
        }
        return variable == null || end == start ? best : variable.first(request, path, end, best);
    }

    private static final class Growing {
        private final Map<String, Growing> texts = new HashMap<>();
        private @Nullable Growing variable;
        private final List<Alternative> ending = new ArrayList<>();
        private final List<Alternative> open = new ArrayList<>();

        Growing child(String segment) {
            if (!PathCondition.isVariable(segment)) {
                return texts.computeIfAbsent(segment, s -> new Growing());
            }
            Growing child = variable;
            if (child == null) {
                child = new Growing();
                variable = child;
            }
            return child;
        }
    }
}
