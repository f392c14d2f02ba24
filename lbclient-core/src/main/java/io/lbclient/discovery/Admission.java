package io.lbclient.discovery;

import io.lbclient.Server;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a list may pass: one at a time, so that a bad one costs none of the others. Guarded by the guard's
 * lock.
 *
 * <p>As long as nothing is refused, only what is new is looked at; a list with a bad entry in it is looked at as a whole.
 */
final class Admission {
    private final AddressFilter filter;
    private final Refusals refusals;
    private final Map<String, Server> byId = new HashMap<>();
    private List<Server> admitted = List.of();
    /** Whether all of the last list passed. */
    private boolean clean = true;

    Admission(AddressFilter filter, Refusals refusals) {
        this.filter = filter;
        this.refusals = refusals;
    }

    List<Server> admit(List<Server> offered) {
        List<Server> entries = withoutNulls(offered);
        if (!clean || !pass(entries)) {
            lookAtAll(entries);
        }
        return admitted;
    }

    /** Nothing of ours puts a null into a list, but users write sources too. */
    private List<Server> withoutNulls(List<Server> offered) {
        try {
            return List.copyOf(offered);
        } catch (NullPointerException e) {
            List<Server> entries = offered.stream().filter(Objects::nonNull).toList();
            refusals.add("null", (offered.size() - entries.size()) + " entries of the list are null");
            return entries;
        }
    }

    private boolean pass(List<Server> entries) {
        Difference change = Difference.between(admitted, entries);
        change.gone().values().forEach(server -> byId.remove(server.id()));
        for (Server server : change.come()) {
            if (byId.putIfAbsent(server.id(), server) != null || refusal(server) != null) {
                return false;
            }
        }
        if (!change.isNone()) {
            admitted = entries;
        }
        return true;
    }

    private void lookAtAll(List<Server> entries) {
        byId.clear();
        List<Server> good = new ArrayList<>(entries.size());
        for (Server server : entries) {
            String reason = refusal(server);
            if (reason != null) {
                refusals.add(server.toString(), reason);
                continue;
            }
            Server twin = byId.putIfAbsent(server.id(), server);
            if (twin == null) {
                good.add(server);
            } else if (!twin.equals(server)) {
                refusals.add(server.toString(), "another server has its id: " + twin);
            }
        }
        clean = good.size() == entries.size();
        admitted = List.copyOf(good);
    }

    private @Nullable String refusal(Server server) {
        try {
            return filter.refusal(server);
        } catch (RuntimeException e) {
            return "the address filter failed: " + e;
        }
    }
}
