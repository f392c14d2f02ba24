package io.lbclient.discovery;

import io.lbclient.Server;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a list of servers has that the one before had not, and the other way round.
 *
 * <p>Both are walked side by side, and after a disagreement the walk looks a few places ahead for where they agree again:
 * so the usual change costs one comparison for each server, and no table of all of them. In a list in another order
 * altogether much counts as gone and come; {@link #leaving} and {@link #joining} are by id and unaffected by that.
 *
 * @param gone the servers, with exactly these settings, that only the list before has in their place, by id
 * @param come those that only the new list has, in its order
 */
record Difference(Map<String, Server> gone, List<Server> come) {
    private static final int LOOK_AHEAD = 8;

    private record Gap(int gone, int come) {}

    static Difference between(List<Server> before, List<Server> after) {
        Map<String, Server> gone = new LinkedHashMap<>();
        List<Server> come = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() && j < after.size()) {
            if (same(before.get(i), after.get(j))) {
                i++;
                j++;
                continue;
            }
            Gap gap = gap(before, i, after, j);
            for (int end = i + gap.gone; i < end; i++) {
                gone.put(before.get(i).id(), before.get(i));
            }
            for (int end = j + gap.come; j < end; j++) {
                come.add(after.get(j));
            }
        }
        before.subList(i, before.size()).forEach(server -> gone.put(server.id(), server));
        come.addAll(after.subList(j, after.size()));
        return new Difference(gone, come);
    }

    /** What stands in the one list and in the other before the nearest place ahead where they agree; one each if none is near. */
    private static Gap gap(List<Server> before, int i, List<Server> after, int j) {
        for (int sum = 1; sum <= LOOK_AHEAD; sum++) {
            for (int gone = 0; gone <= sum; gone++) {
                int one = i + gone;
                int other = j + sum - gone;
                if (one < before.size() && other < after.size() && same(before.get(one), after.get(other))) {
                    return new Gap(gone, sum - gone);
                }
            }
        }
        return new Gap(1, 1);
    }

    /** Most sources hand over the same objects again, and others equal ones. */
    @SuppressWarnings("ReferenceEquality") // a short cut
    private static boolean same(Server one, Server other) {
        return one == other || one.equals(other);
    }

    boolean isNone() {
        return gone.isEmpty() && come.isEmpty();
    }

    /** Those whose id only the list before has. */
    List<Server> leaving() {
        Map<String, Server> leaving = new LinkedHashMap<>(gone);
        come.forEach(server -> leaving.remove(server.id()));
        return List.copyOf(leaving.values());
    }

    /** Those whose id only the new list has. */
    List<Server> joining() {
        return come.stream().filter(server -> !gone.containsKey(server.id())).toList();
    }
}
