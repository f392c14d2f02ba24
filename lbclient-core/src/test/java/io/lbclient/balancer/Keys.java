package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.PickContext;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Requests that differ by a key, and pickers over real candidates for tests of hashing. */
final class Keys {
    /** Reads what {@link #request(Object)} holds. */
    static final HashKey KEY = request -> ((Keyed) request).key();

    /** How many keys {@link #picks} has. */
    static final int COUNT = 100_000;

    private Keys() {}

    record Keyed(@Nullable Object key) implements RequestView {
        @Override
        public @Nullable InetAddress clientAddress() {
            return key instanceof InetAddress address ? address : null;
        }
    }

    static RequestView request(@Nullable Object key) {
        return new Keyed(key);
    }

    /** A pick that is the first of its request, or for which some servers were tried. */
    static final class Pick implements PickContext {
        private final RandomGenerator random = new SplittableRandom(5);
        private RequestView request = Keys.request(null);
        private List<Candidate> tried = List.of();

        Pick of(@Nullable Object key) {
            request = Keys.request(key);
            return this;
        }

        Pick after(List<Candidate> servers) {
            tried = servers;
            return this;
        }

        @Override
        public RequestView request() {
            return request;
        }

        @Override
        public boolean tried(Candidate candidate) {
            return tried.contains(candidate);
        }

        @Override
        public RandomGenerator random() {
            return random;
        }

        @Override
        public long now() {
            return 0;
        }
    }

    /** Real candidates for these servers; their pool is closed, so nothing is ever in flight to them. */
    static List<Candidate> candidates(List<Server> servers) {
        List<Candidate> captured = new ArrayList<>();
        Balancer capture = (candidates, previous) -> {
            captured.addAll(candidates);
            return context -> candidates.get(0);
        };
        try (ServerPool pool = ServerPool.builder("keys")
                .healthMonitors()
                .balancer(capture)
                .servers(servers)
                .build()) {
            pool.pick().close();
        }
        return captured;
    }

    /** Real candidates for so many servers of weight 1. */
    static List<Candidate> candidates(int count) {
        return candidates(servers(count, i -> Server.of("10.1." + (i >> 8) + "." + (i & 255), 8080)));
    }

    static List<Candidate> without(List<Candidate> all, int index) {
        List<Candidate> rest = new ArrayList<>(all);
        rest.remove(index);
        return rest;
    }

    /** Where each of a hundred thousand keys goes. */
    static Candidate[] picks(Balancer.Picker picker) {
        Candidate[] picks = new Candidate[COUNT];
        Pick pick = new Pick();
        for (int i = 0; i < COUNT; i++) {
            picks[i] = picker.pick(pick.of("key" + i));
        }
        return picks;
    }

    static List<Server> servers(int count, IntFunction<Server> server) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            servers.add(server.apply(i));
        }
        return servers;
    }

    static Balancer.Picker picker(Balancer balancer, List<Server> servers) {
        return balancer.picker(candidates(servers), null);
    }

    /** The id of the server that a key goes to. */
    static String pick(Balancer.Picker picker, @Nullable Object key) {
        return picker.pick(new Pick().of(key)).server().id();
    }
}
