package io.lbclient.examples.sessions;

import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.PoolListener;
import io.lbclient.ServerPool;
import io.lbclient.examples.shared.Fleet;
import io.lbclient.examples.shared.Narrator;
import io.lbclient.examples.shared.Traffic;
import io.lbclient.okhttp.LoadBalancingInterceptor;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;

/**
 * Four server processes that keep sessions in their memory, and users of each of the four kinds of stickiness. A server is
 * killed and comes back; the table shows who was moved, and that nobody else was.
 */
public final class SessionsDemo {
    private static final List<String> SERVERS = List.of("server-a", "server-b", "server-c", "server-d");
    private static final String KILLED = SERVERS.get(2);
    private static final long NEWCOMERS_GAP_NANOS = Duration.ofMillis(20).toNanos();
    private static final long MOST_WAITING_NANOS = Duration.ofSeconds(60).toNanos();

    private final Narrator narrator;
    private final Fleet fleet;
    private final int usersOfEach;
    private final int rounds;

    private SessionsDemo(Narrator narrator, Fleet fleet, boolean shortRun) {
        this.narrator = narrator;
        this.fleet = fleet;
        usersOfEach = shortRun ? 40 : 200;
        rounds = shortRun ? 5 : 10;
    }

    /**
     * Runs the demo.
     *
     * @param out where the table goes
     * @param shortRun whether to take 40 users of each kind in place of 200
     * @return whether everybody who had to move was moved, once, and nobody else was
     * @throws IOException if a server process cannot be started
     */
    public static boolean run(PrintStream out, boolean shortRun) throws IOException {
        Narrator narrator = new Narrator(out);
        try (Fleet fleet = new Fleet(SessionServer.class)) {
            narrator.say(
                    "starting %d servers, each a process of its own that keeps sessions in its memory", SERVERS.size());
            fleet.start(SERVERS);
            new SessionsDemo(narrator, fleet, shortRun).play();
            return narrator.end();
        }
    }

    private void play() throws IOException {
        List<Crowd> crowds = new ArrayList<>();
        try {
            for (Kind kind : Kind.values()) {
                crowds.add(new Crowd(kind));
            }
            narrator.say("%d users of each kind begin a session, and each sends %d requests", usersOfEach, rounds);
            crowds.forEach(Crowd::begin);
            narrator.say("%s is killed with SIGKILL, and each user sends %d requests", KILLED, rounds);
            fleet.process(KILLED).end();
            crowds.forEach(Crowd::afterTheKill);
            narrator.say("%s is started again, without its sessions; each user sends %d requests", KILLED, rounds);
            fleet.start(KILLED);
            crowds.forEach(Crowd::afterTheReturn);
            narrator.say("");
            narrator.say(
                    "%-20s %6s %12s %6s %13s %12s %7s",
                    "", "users", "on " + KILLED, "moved", "others moved", "went back", "errors");
            crowds.forEach(Crowd::report);
        } finally {
            crowds.forEach(Crowd::close);
        }
    }

    /** The users of one kind, with a pool of their own over the same servers. */
    private final class Crowd implements AutoCloseable {
        private final Kind kind;
        private final ServerPool pool;
        private final OkHttpClient client;
        private final List<User> users = new ArrayList<>();
        private int errors;
        private int restless;
        private int affected;
        private int moved;
        private int othersMoved;
        private int wentBack;
        private int newcomers;
        private volatile HealthState told = HealthState.HEALTHY;

        Crowd(Kind kind) {
            this.kind = kind;
            pool = ServerPool.builder("shop")
                    .servers(fleet.servers())
                    .affinity(kind.affinity())
                    .build();
            pool.addListener(new PoolListener() {
                @Override
                public void healthChanged(HealthChange change) {
                    if (change.server().id().equals(KILLED)) {
                        told = change.to();
                    }
                }
            });
            client = LoadBalancingInterceptor.of(pool)
                    .install(new OkHttpClient.Builder()
                            .callTimeout(Duration.ofSeconds(20))
                            .build());
            for (int i = 0; i < usersOfEach; i++) {
                users.add(new User("user-" + i, kind, client));
            }
        }

        /** Each request of every user; those who do not stay where the first of them went are restless. */
        private void visits() {
            List<String> first = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < users.size(); i++) {
                    User user = users.get(i);
                    try {
                        user.visit();
                    } catch (IOException e) {
                        errors++;
                    }
                    if (round == 0) {
                        first.add(user.last);
                    } else if (!user.last.equals(first.get(i))) {
                        restless++;
                    }
                }
            }
        }

        void begin() {
            visits();
            users.forEach(user -> user.home = user.last);
            affected = (int)
                    users.stream().filter(user -> user.home.equals(KILLED)).count();
        }

        void afterTheKill() {
            visits();
            for (User user : users) {
                boolean elsewhere = !user.last.equals(user.home);
                moved += elsewhere && user.home.equals(KILLED) ? 1 : 0;
                othersMoved += elsewhere && !user.home.equals(KILLED) ? 1 : 0;
            }
        }

        void afterTheReturn() {
            awaitTheReturn();
            List<String> before = users.stream().map(user -> user.last).toList();
            visits();
            for (int i = 0; i < users.size(); i++) {
                User user = users.get(i);
                boolean back = user.home.equals(KILLED) && user.last.equals(KILLED);
                wentBack += back ? 1 : 0;
                othersMoved += !back && !user.last.equals(before.get(i)) ? 1 : 0;
            }
        }

        /** Newcomers come all the time, and their requests are those by which an ejected server is tried. */
        private void awaitTheReturn() {
            long end = System.nanoTime() + MOST_WAITING_NANOS;
            while (!isBack() && !Thread.currentThread().isInterrupted()) {
                if (System.nanoTime() - end > 0) {
                    narrator.promise(false, kind.label + ": " + KILLED + " was not picked again within a minute");
                    return;
                }
                try {
                    new User("newcomer-" + newcomers++, kind, client).visit();
                } catch (IOException e) {
                    errors++;
                }
                LockSupport.parkNanos(NEWCOMERS_GAP_NANOS);
            }
        }

        /** The snapshot has it before the picks go by it, and listeners are told after that. */
        private boolean isBack() {
            return told == HealthState.HEALTHY
                    && pool.snapshot().servers().stream()
                            .anyMatch(server ->
                                    server.server().id().equals(KILLED) && server.state() == HealthState.HEALTHY);
        }

        void report() {
            narrator.say(
                    "%-20s %6d %12d %6d %13d %12s %7d",
                    kind.label,
                    users.size(),
                    affected,
                    moved,
                    othersMoved,
                    kind.returns ? wentBack + " (all)" : wentBack,
                    errors);
            narrator.promise(affected > 0, kind.label + ": nobody was on " + KILLED);
            narrator.promise(
                    moved == affected,
                    kind.label + ": " + moved + " moved (expected: the " + affected + " of " + KILLED + ")");
            narrator.promise(othersMoved == 0, kind.label + ": " + othersMoved + " others moved (expected: 0)");
            narrator.promise(restless == 0, kind.label + ": " + restless + " requests went astray (expected: 0)");
            narrator.promise(wentBack == (kind.returns ? affected : 0), kind.label + ": " + wentBack + " went back");
            narrator.promise(errors == 0, kind.label + ": " + errors + " errors (expected: 0)");
        }

        @Override
        public void close() {
            Traffic.end(client);
            pool.close();
        }
    }
}
