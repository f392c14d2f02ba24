package io.lbclient.routing;

import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tests the host, in lower case and without port and trailing dot. */
final class HostCondition extends Condition {
    private final List<String> hosts;
    /** The names without an asterisk. */
    final Set<String> exact;
    /** The endings, with their dots; those of names with an asterisk. */
    final List<String> endings;

    HostCondition(List<String> hosts) {
        if (hosts.isEmpty()) {
            throw Checks.rejected("hosts", hosts, "at least one");
        }
        this.hosts = hosts;
        List<String> names = new ArrayList<>();
        List<String> suffixes = new ArrayList<>();
        for (String host : hosts) {
            String name = RoutedRequest.normalHost(Checks.visible("host", host));
            boolean ending = name.startsWith("*.");
            String rest = ending ? name.substring(2) : name;
            if (rest.isEmpty() || rest.indexOf('*') >= 0 || rest.indexOf('/') >= 0) {
                throw Checks.rejected("host", Checks.printable(host), "a name, or *. and the end of one");
            }
            (ending ? suffixes : names).add(ending ? name.substring(1) : name);
        }
        exact = Set.copyOf(names);
        endings = List.copyOf(suffixes);
    }

    @Override
    boolean test(RoutedRequest request) {
        String host = request.host();
        if (exact.contains(host)) {
            return true;
        }
        for (String ending : endings) {
            if (host.length() > ending.length() && host.endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    @Override
    @Nullable String whyNot(RoutedRequest request) {
        return test(request) ? null : "the host is not " + String.join("|", hosts);
    }

    @Override
    public String toString() {
        return "host " + String.join("|", hosts);
    }
}
