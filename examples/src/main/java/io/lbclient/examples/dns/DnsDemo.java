package io.lbclient.examples.dns;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.dns.DnsDiscovery;
import io.lbclient.dns.test.LocalDns;
import io.lbclient.dns.test.LocalDns.Fault;
import io.lbclient.examples.shared.Answer;
import io.lbclient.examples.shared.BackendServer;
import io.lbclient.examples.shared.Fleet;
import io.lbclient.examples.shared.Narrator;
import io.lbclient.examples.shared.Patience;
import io.lbclient.examples.shared.Traffic;
import io.lbclient.okhttp.LoadBalancingInterceptor;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.xbill.DNS.Type;

/** Two services whose servers come from DNS: the records change, resolvers die, and no request is lost. */
public final class DnsDemo implements AutoCloseable {
    private static final List<String> NAMES = List.of("orders-1", "orders-2", "orders-3", "stock-1", "stock-2");
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(30);
    private static final String TARGET = "localhost.demo.";

    private final Narrator narrator;
    private final Fleet fleet;
    private final Duration scene;
    private final List<LocalDns> resolvers = new ArrayList<>();
    private final Map<String, LongAdder> answered = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

    private DnsDemo(Narrator narrator, Fleet fleet, boolean shortRun) {
        this.narrator = narrator;
        this.fleet = fleet;
        this.scene = shortRun ? Duration.ofMillis(1500) : Duration.ofSeconds(7);
    }

    /**
     * Runs the demonstration.
     *
     * @param out where the figures go
     * @param shortRun whether scenes take a second and a half in place of seven
     * @param rate requests a second, of which each service gets a half
     * @return whether no request was lost and every change of the records reached the picks
     * @throws IOException if a server cannot be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static boolean run(PrintStream out, boolean shortRun, int rate) throws IOException, InterruptedException {
        Narrator narrator = new Narrator(out);
        try (Fleet fleet = new Fleet(BackendServer.class, "1000");
                DnsDemo demo = new DnsDemo(narrator, fleet, shortRun)) {
            demo.start();
            try (ServerPool orders = demo.pool("orders");
                    ServerPool stock = demo.pool("stock")) {
                demo.play(orders, stock, rate);
            }
            return narrator.end();
        }
    }

    private void start() throws IOException {
        narrator.say("starting %d servers, each a process of its own, and two DNS servers", NAMES.size());
        fleet.start(NAMES);
        for (int i = 0; i < 2; i++) {
            LocalDns dns = new LocalDns();
            dns.put(TARGET, Type.A, 1, "127.0.0.1");
            resolvers.add(dns);
        }
        record("orders", "orders-1", "orders-2");
        record("stock", "stock-1", "stock-2");
    }

    /** Changes the records in both DNS servers. */
    private void record(String service, String... names) {
        String[] data = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            data[i] = "0 1 " + port(names[i]) + " " + TARGET;
        }
        resolvers.forEach(dns -> dns.put("_http._tcp." + service + ".demo", Type.SRV, 1, data));
    }

    private int port(String name) {
        return fleet.process(name).server().port();
    }

    private ServerPool pool(String service) {
        return ServerPool.builder(service)
                .discovery(DnsDiscovery.services("_http._tcp." + service + ".demo.")
                        .resolvers(resolvers.get(0).address(), resolvers.get(1).address())
                        .timeout(Duration.ofMillis(300), 1)
                        .interval(Duration.ofMillis(200), Duration.ofSeconds(1))
                        .build())
                .startUpWait(Duration.ofSeconds(30))
                .build();
    }

    private void play(ServerPool orders, ServerPool stock, int rate) throws IOException, InterruptedException {
        OkHttpClient client = LoadBalancingInterceptor.builder()
                .pool(orders)
                .pool(stock)
                .build()
                .install(new OkHttpClient());
        List<Traffic> all = new ArrayList<>();
        for (String service : List.of("orders", "stock")) {
            HttpUrl url = HttpUrl.get("http://" + service + "/");
            Traffic traffic = new Traffic(client, url, Math.max(1, rate / 2), System::nanoTime, this::count);
            traffic.warmUp(200);
            all.add(traffic);
        }
        narrator.say("%-52s %8s %6s  %s", "", "requests", "errors", "answered by");
        all.forEach(Traffic::start);
        scenes(orders, stock);
        long lost = 0;
        for (Traffic traffic : all) {
            if (!traffic.finish(LAST_ANSWERS)) {
                lost++;
            }
        }
        lost += sum(counts(errors));
        Traffic.end(client);
        narrator.say(
                "%,d requests, %,d lost", all.stream().mapToLong(Traffic::sent).sum(), lost);
        narrator.promise(lost == 0, lost + " requests were lost: " + errors);
    }

    private void scenes(ServerPool orders, ServerPool stock) throws IOException, InterruptedException {
        scene("two services, two servers each", () -> {});
        scene("orders: the record of orders-2 names orders-3 now", () -> {
            record("orders", "orders-1", "orders-3");
            reaches(orders, "orders-1", "orders-3");
        });
        fleet.process("orders-2").kill();
        scene("orders-2 is killed", () -> {});
        scene("one resolver answers nobody, and stock loses stock-2", () -> {
            resolvers.get(0).fault(Fault.SILENT);
            record("stock", "stock-1");
            reaches(stock, "stock-1");
        });
        scene("both resolvers are gone", () -> resolvers.forEach(LocalDns::stop));
        scene("both are back, and orders gets stock-2 as a third", () -> {
            for (LocalDns dns : resolvers) {
                dns.fault(Fault.NONE);
                dns.start();
            }
            record("orders", "orders-1", "orders-3", "stock-2");
            reaches(orders, "orders-1", "orders-3", "stock-2");
        });
    }

    private void count(Answer answer) {
        if (answer.failed()) {
            errors.computeIfAbsent(answer.error(), e -> new LongAdder()).increment();
        } else {
            answered.computeIfAbsent(answer.server(), s -> new LongAdder()).increment();
        }
    }

    /** What happens, and then the time that the scene lasts. */
    private void scene(String what, Happening happening) throws IOException, InterruptedException {
        Map<String, Long> before = counts(answered);
        long errorsBefore = sum(counts(errors));
        happening.happen();
        TimeUnit.NANOSECONDS.sleep(scene.toNanos());
        Map<String, Long> by = counts(answered);
        before.forEach((server, count) -> by.merge(server, -count, Long::sum));
        by.values().removeIf(count -> count == 0);
        narrator.say("%-52s %,8d %6d  %s", what, sum(by), sum(counts(errors)) - errorsBefore, by);
    }

    private static Map<String, Long> counts(Map<String, LongAdder> counters) {
        return counters.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().sum(), Long::sum, TreeMap::new));
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private void reaches(ServerPool pool, String... names) {
        Set<Integer> wanted = List.of(names).stream().map(this::port).collect(Collectors.toSet());
        long begun = System.nanoTime();
        boolean there = Patience.until(() -> ports(pool).equals(wanted));
        narrator.say("  %s has %s after %d ms", pool, List.of(names), (System.nanoTime() - begun) / 1_000_000);
        narrator.promise(there, pool + " did not get " + List.of(names) + " but " + ports(pool));
    }

    private static Set<Integer> ports(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .map(ServerSnapshot::server)
                .map(Server::port)
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        for (LocalDns dns : resolvers) {
            try {
                dns.close();
            } catch (IOException e) {
                narrator.say("a DNS server did not stop: %s", e);
            }
        }
    }

    /** What a scene begins with. */
    @FunctionalInterface
    private interface Happening {
        void happen() throws IOException;
    }
}
