package io.lbclient.okhttp;

import io.lbclient.ServerPool;
import io.lbclient.routing.Decision;
import io.lbclient.routing.Destination;
import io.lbclient.routing.NoRouteException;
import io.lbclient.routing.Router;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** Which host stands for which pool, and for which a router chooses it. */
final class Routes {
    private final Map<String, Choice> pools;
    private final Map<String, Router> routers;
    private final Plan plan;
    /** What the routers have led to so far; replaced as a whole, so that pools of rules that are gone are forgotten. */
    private volatile Map<Destination, Service> services;

    private final ReentrantLock renewing = new ReentrantLock();

    /** Where one request goes. */
    record Choice(
            Service service,
            @Nullable Service fallback,
            @Nullable Service mirror) {}

    Routes(List<ServerPool> pools, Map<String, Router> routers, Plan plan) {
        this.plan = plan;
        this.routers = Map.copyOf(routers);
        Map<String, Choice> byHost = new LinkedHashMap<>();
        Map<Destination, Service> known = new HashMap<>();
        for (ServerPool pool : pools) {
            String host = host(pool.name());
            // A router that leads here uses the same one, or the pool would have two queues, each with a first one.
            Service service = known.computeIfAbsent(Destination.of(pool), made -> new Service(made, plan));
            Choice choice = new Choice(service, null, null);
            if (byHost.put(host, choice) != null || routers.containsKey(host)) {
                throw new IllegalArgumentException("pool: " + pool.name() + " (expected: one pool for each name)");
            }
        }
        if (byHost.isEmpty() && routers.isEmpty()) {
            throw new IllegalArgumentException("pools: none (expected: at least one)");
        }
        this.pools = Map.copyOf(byHost);
        services = Map.copyOf(known);
    }

    /** Returns a name as the host of a URL has it, or refuses it. */
    static String host(String name) {
        // OkHttp never asks a Dns about an address, so a pool with such a name would be passed by.
        if (ServerPin.isAddress(name)) {
            throw new IllegalArgumentException("pool: " + name + " (expected: a name that is not an IP address)");
        }
        String host = name.toLowerCase(Locale.ROOT);
        HttpUrl url = HttpUrl.parse("http://" + name + "/");
        if (url == null || !url.host().equals(host)) {
            throw new IllegalArgumentException("pool: " + name + " (expected: a name that can be the host of a URL)");
        }
        return host;
    }

    boolean serve(String host) {
        return pools.containsKey(host) || routers.containsKey(host);
    }

    Choice choose(Request request, CookieJar jar) throws IOException {
        String host = request.url().host();
        Choice fixed = pools.get(host);
        if (fixed != null) {
            return fixed;
        }
        Router router = routers.get(host);
        if (router == null) {
            throw new IllegalStateException(host + ": neither a pool's nor a router's");
        }
        Decision decision;
        try {
            decision = router.route(new OkHttpRequestView(request, jar));
        } catch (NoRouteException e) {
            throw new NoServerException(e);
        }
        Destination fallback = decision.fallback();
        Destination mirror = decision.mirror();
        return new Choice(
                service(decision.destination()),
                fallback == null ? null : service(fallback),
                mirror == null ? null : service(mirror));
    }

    private Service service(Destination destination) {
        Service known = services.get(destination);
        if (known != null) {
            return known;
        }
        renewing.lock();
        try {
            Map<Destination, Service> now = renewed(services, destination);
            services = now;
            Service made = now.get(destination);
            if (made == null) {
                throw new IllegalStateException("no service for " + destination);
            }
            return made;
        } finally {
            renewing.unlock();
        }
    }

    /** What is known of the destinations of now, those new among them, and the one that is asked for. */
    private Map<Destination, Service> renewed(Map<Destination, Service> before, Destination asked) {
        if (before.containsKey(asked)) {
            return before;
        }
        Set<Destination> all = new HashSet<>();
        all.add(asked);
        pools.values().forEach(choice -> all.add(choice.service.destination));
        routers.values().forEach(router -> all.addAll(router.rules().destinations()));
        Map<Destination, Service> now = new HashMap<>();
        for (Destination destination : all) {
            Service known = before.get(destination);
            now.put(destination, known == null ? new Service(destination, plan) : known);
        }
        return Map.copyOf(now);
    }
}
