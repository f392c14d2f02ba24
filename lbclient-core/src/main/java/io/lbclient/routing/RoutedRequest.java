package io.lbclient.routing;

import io.lbclient.RequestView;
import java.util.Locale;
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

    Claims claims() {
        Claims known = claims;
        if (known == null) {
            try {
                known = reader.read(view);
            } catch (RuntimeException | StackOverflowError e) {
                // A token is a stranger's: whatever it does to a reader, the request is one without claims.
                known = Claims.NONE;
            }
            claims = known;
        }
        return known;
    }

    /** The method and the path as they came, fit for a log; never the query, headers or cookies, which hold secrets. */
    static String describe(RequestView view) {
        String host = view.host().isEmpty() ? "" : " " + Checks.printable(view.host());
        return view.method().replaceAll("[^A-Za-z]", "?") + host + " " + Checks.printable(view.path());
    }
}
