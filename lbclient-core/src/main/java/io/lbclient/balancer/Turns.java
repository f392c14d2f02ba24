package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** Goes through a table of servers, entry by entry: one volatile addition for each pick, however long the table. */
final class Turns implements Sequenced {
    private final Candidate[] table;
    private final Position position;
    /** Where this table begins on the position, which earlier tables of other lengths have been counted on too. */
    private final int shift;

    private Turns(Candidate[] table, Position position, int shift) {
        this.table = table;
        this.position = position;
        this.shift = shift;
    }

    /** Goes on where the previous picker was, on the same position. */
    static Turns through(Candidate[] table, Balancer.@Nullable Picker previous) {
        int shift = previous instanceof Turns turns ? turns.shift : 0;
        return new Turns(table, Sequenced.positionAfter(previous), shift);
    }

    /**
     * Goes on with the server whose turn it was, for a table that names each server once. A list that changes every few
     * picks would otherwise favour some: the turn modulo another number of servers is another place.
     */
    static Turns inOrder(Candidate[] servers, Balancer.@Nullable Picker previous) {
        return inOrder(servers, previous, Sequenced.positionAfter(previous));
    }

    /** On a position of the caller's; what the previous picker was at counts only if it was on the same one. */
    static Turns inOrder(Candidate[] servers, Balancer.@Nullable Picker previous, Position position) {
        int shift = 0;
        if (previous instanceof Turns before && before.position == position && position.started()) {
            long turn = Integer.toUnsignedLong(position.upcoming());
            shift = Math.floorMod(before.successorIn(servers, turn) - turn, servers.length);
        }
        return new Turns(servers, position, shift);
    }

    /** The place, among other servers, of the first of ours from this turn on that is one of them; 0 if none is. */
    private int successorIn(Candidate[] others, long turn) {
        // Nearly always it is the first, and going through an array is nothing against the filling of a map.
        Candidate upcoming = table[at(turn)];
        for (int i = 0; i < others.length; i++) {
            if (others[i] == upcoming) {
                return i;
            }
        }
        IdentityHashMap<Candidate, Integer> places = new IdentityHashMap<>();
        for (int i = 0; i < others.length; i++) {
            places.put(others[i], i);
        }
        for (int i = 0; i < table.length; i++) {
            Integer place = places.get(table[at(turn + i)]);
            if (place != null) {
                return place;
            }
        }
        return 0;
    }

    @Override
    public Candidate pick(PickContext context) {
        return table[at(Integer.toUnsignedLong(position.next(context)))];
    }

    private int at(long turn) {
        return (int) ((turn + shift) % table.length);
    }

    @Override
    public Position position() {
        return position;
    }
}
