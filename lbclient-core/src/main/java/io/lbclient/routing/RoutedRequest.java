package io.lbclient.routing;

import io.lbclient.RequestView;
import io.lbclient.internal.Checks;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request while it is routed: its path and host in their one form, and its claims once they were asked for. */
final class RoutedRequest {
    final RequestView view;
    final boolean ignoreCase;
    /** In its one form; empty if the protocol has none, null if it is refused. */
    final @Nullable String path;

    private final ClaimsReader reader;
    private @Nullable String host;
    private @Nullable Claims claims;

    RoutedRequest(RequestView view, RuleSet rules) {
        this.view = view;
        ignoreCase = rules.ignoresPathCase();
        reader = rules.claimsReader();
        String raw = view.path();
        String normal = raw.isEmpty() ? raw : NormalPath.of(raw);
        path = ignoreCase && normal != null ? NormalPath.folded(normal) : normal;
    }

    String host() {
        String known = host;
        if (known == null) {
            known = normalHost(view.host());
            host = known;
        }
        return known;
    }

    /** In lower case, without port and trailing dot. */
    static String normalHost(String host) {
        int end = host.length();
        int colon = host.lastIndexOf(':');
        if (colon >= 0 && (host.indexOf(':') == colon || host.charAt(colon - 1) == ']')) {
            end = colon;
        }
        if (end > 0 && host.charAt(end - 1) == '.') {
            end--;
        }
        return host.substring(0, end).toLowerCase(Locale.ROOT);
    }

    /** Returns the values of a claim of the request's token; none if it has no such claim, or no token. */
    List<String> claim(String name) {
        try {
            Claims known = claims;
            if (known == null) {
                // So that a reader that throws is not asked again.
                claims = Claims.NONE;
                known = Objects.requireNonNullElse(reader.read(view), Claims.NONE);
                claims = known;
            }
            return Objects.requireNonNullElse(known.values(name), List.of());
        } catch (RuntimeException | StackOverflowError e) {
            // A token is a stranger's: whatever it does to those who read it, the request is one without the claim.
            return List.of();
        }
    }

    /** The method and the path as they came, fit for a log; never the query, headers or cookies, which hold secrets. */
    static String describe(RequestView view) {
        String path = view.path();
        int query = path.indexOf('?');
        String host = view.host().isEmpty() ? "" : " " + Checks.printable(view.host());
        return view.method().replaceAll("[^A-Za-z]", "?") + host + " "
                + Checks.printable(query < 0 ? path : path.substring(0, query));
    }
}
