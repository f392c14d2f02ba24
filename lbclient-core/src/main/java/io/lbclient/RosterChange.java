package io.lbclient;

import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What another list of servers means for those that a pool has: who stays, who is new, and who is gone.
 *
 * <p>Both lists are walked side by side, for the usual list differs from the one before in few places: where they agree,
 * a server costs one comparison, and only where they do not is anything looked up. A list in another order altogether
 * costs as much as looking up all of it.
 */
final class RosterChange {
    private final List<Server> before;
    private final List<ServerState> members;
    private final Map<String, ServerState> byId;
    private final List<Server> servers;
    private final @Nullable ServerState[] states;
    private final List<Integer> newOrOther = new ArrayList<>();
    /** Members that the walk has gone past without meeting them in the new list so far. */
    private final Set<ServerState> passed = new LinkedHashSet<>();

    private int at;

    private RosterChange(
            List<Server> before, List<ServerState> members, Map<String, ServerState> byId, List<Server> servers) {
        this.before = before;
        this.members = members;
        this.byId = byId;
        this.servers = servers;
        this.states = new ServerState[servers.size()];
    }

    /**
     * Compares; changes nothing.
     *
     * @param before the servers of the members, place by place, as they were given
     * @param members who is in the pool
     * @param byId the same
     * @param after the new list
     * @throws IllegalArgumentException if one id in it has different settings
     */
    static RosterChange between(
            List<Server> before, List<ServerState> members, Map<String, ServerState> byId, List<Server> after) {
        RosterChange change = new RosterChange(before, members, byId, after);
        if (!change.walk()) {
            // The other list has no twins, so this walk ends.
            change = new RosterChange(before, members, byId, unique(after));
            change.walk();
        }
        return change;
    }

    /** The same server twice is one server; the same id with other settings is a contradiction. */
    static List<Server> unique(List<Server> servers) {
        Map<String, Server> seen = new HashMap<>();
        List<Server> unique = new ArrayList<>(servers.size());
        for (Server server : servers) {
            Server twin = seen.putIfAbsent(server.id(), server);
            if (twin == null) {
                unique.add(server);
            } else if (!twin.equals(server)) {
                throw Checks.rejected("servers", server + " and " + twin, "one server for each id");
            }
        }
        return unique.size() == servers.size() ? servers : List.copyOf(unique);
    }

    /** False if some server came twice. */
    private boolean walk() {
        Set<String> joining = new HashSet<>();
        for (int i = 0; i < states.length; i++) {
            Server server = servers.get(i);
            if (at < before.size() && same(server, before.get(at))) {
                states[i] = members.get(at++);
                continue;
            }
            ServerState known = byId.get(server.id());
            if (known == null ? !joining.add(server.id()) : !meets(known)) {
                return false;
            }
            states[i] = known;
            newOrOther.add(i);
        }
        passed.addAll(members.subList(at, members.size()));
        return true;
    }

    /** Most sources hand over the same objects again, and others equal ones. */
    @SuppressWarnings("ReferenceEquality") // a short cut
    private static boolean same(Server one, Server other) {
        return one == other || one.equals(other);
    }

    /** Goes on to a member further down, or takes one that was passed. False if it is neither: then it was met already. */
    private boolean meets(ServerState known) {
        if (passed.remove(known)) {
            return true;
        }
        while (at < members.size()) {
            ServerState member = members.get(at++);
            if (member == known) {
                return true;
            }
            passed.add(member);
        }
        return false;
    }

    /** Whether the new list is the old one. */
    boolean isNone() {
        return newOrOther.isEmpty() && passed.isEmpty();
    }

    /** The new list, without twins. */
    List<Server> servers() {
        return servers;
    }

    /** The members' states in the new list's order; null for a server that is new. */
    @Nullable ServerState[] states() {
        return states;
    }

    /** The places, in order, of servers that are new, have other settings or stand elsewhere. */
    List<Integer> newOrOther() {
        return newOrOther;
    }

    /** Who is not in the new list, in the order of the old one. */
    Set<ServerState> gone() {
        return passed;
    }
}
