package io.lbclient.examples.routing;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.examples.shared.Fleet;
import io.lbclient.examples.shared.Narrator;
import io.lbclient.examples.shared.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one logical host and shows which server processes they came to: by path, header, cookie and claim, with
 * a canary, a mirror and a cache. Prints a line for each, and says whether it is what the rules say.
 */
public final class RoutingDemo {
    private static final Map<String, List<String>> SERVERS = servers();

    private final Narrator narrator;
    private final Fleet fleet;
    private final int requests;
    private final int users;

    private RoutingDemo(Narrator narrator, Fleet fleet, boolean shortRun) {
        this.narrator = narrator;
        this.fleet = fleet;
        requests = shortRun ? 50 : 500;
        users = shortRun ? 400 : 4000;
    }

    private static Map<String, List<String>> servers() {
        Map<String, List<String>> servers = new LinkedHashMap<>();
        servers.put("static", List.of("static-1", "static-2"));
        servers.put("api", List.of("api-1", "api-2"));
        for (String one : List.of("admin", "beta", "gold", "canary", "shadow")) {
            servers.put(one, List.of(one + "-1"));
        }
        return servers;
    }

    /**
     * Runs the demonstration.
     *
     * @param out where the lines go
     * @param shortRun whether to send a tenth of the requests
     * @return whether every request came to where the rules say
     * @throws IOException if a server process cannot be started
     */
    public static boolean run(PrintStream out, boolean shortRun) throws IOException {
        Path directory = Files.createTempDirectory("lbclient-demo-cache");
        KeyPair keys = keys();
        Narrator narrator = new Narrator(out);
        try (Fleet fleet = new Fleet(NamedServer.class)) {
            RoutingDemo demo = new RoutingDemo(narrator, fleet, shortRun);
            List<String> names = SERVERS.values().stream().flatMap(List::stream).toList();
            narrator.say("starting %d servers, each a process of its own", names.size());
            fleet.start(names);
            try (Shop shop = new Shop(demo.pools(), keys.getPublic(), directory.toFile())) {
                demo.play(shop, keys);
            }
            return narrator.end();
        } finally {
            Files.deleteIfExists(directory);
        }
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void play(Shop shop, KeyPair keys) throws IOException {
        narrator.say("the rules:%n%s%n", shop.router.rules());
        narrator.say("%-44s %8s  %s", "", "requests", "answered by");
        paths(shop);
        headersAndCookies(shop);
        claims(shop, keys);
        canary(shop);
        mirror(shop);
        noMatch(shop);
    }

    private Map<String, ServerPool> pools() {
        Map<String, ServerPool> pools = new LinkedHashMap<>();
        SERVERS.forEach((pool, names) -> pools.put(
                pool,
                ServerPool.builder(pool)
                        .servers(names.stream()
                                .map(name -> fleet.process(name).server())
                                .toList())
                        // In turn, so that the figures are the same each time.
                        .balancer(Balancers.roundRobin())
                        .build()));
        return pools;
    }

    /** Which servers answered, and how often. */
    private static final class Answers {
        private final Map<String, Integer> byServer = new TreeMap<>();
        private int fromCache;
        private int all;

        @Nullable String send(Shop shop, Request request) throws IOException {
            try (Response response = shop.client.newCall(request).execute()) {
                String server = response.header(NamedServer.NAME);
                response.body().bytes();
                all++;
                if (response.networkResponse() == null) {
                    fromCache++;
                } else {
                    byServer.merge(server == null ? "nobody" : server, 1, Integer::sum);
                }
                return response.code() == 200 ? server : "status " + response.code();
            }
        }

        @Override
        public String toString() {
            String servers = byServer.entrySet().stream()
                    .map(entry -> entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining(", "));
            return fromCache == 0 ? servers : servers + ", the cache " + fromCache;
        }
    }

    private static Request.Builder request(String path) {
        return new Request.Builder()
                .url(HttpUrl.get("http://" + Shop.HOST + "/")
                        .newBuilder()
                        .encodedPath(path)
                        .build());
    }

    private Answers send(Shop shop, String what, Request.Builder request, String... expected) throws IOException {
        Answers answers = new Answers();
        for (int i = 0; i < requests; i++) {
            answers.send(shop, request.build());
        }
        tell(what, answers);
        narrator.promise(
                Set.of(expected).equals(answers.byServer.keySet()),
                what + ": " + answers + " (expected: " + String.join(" and ", expected) + ")");
        return answers;
    }

    private void tell(String what, Answers answers) {
        narrator.say("%-44s %,8d  %s", what, answers.all, answers);
    }

    private void paths(Shop shop) throws IOException {
        send(shop, "path /api/items", request("/api/items"), "api-1", "api-2");
        Answers answers = new Answers();
        for (int i = 0; i < requests; i++) {
            answers.send(shop, request("/static/app.css").build());
        }
        tell("path /static/app.css", answers);
        narrator.promise(
                answers.byServer.values().stream().mapToInt(Integer::intValue).sum() == 1
                        && answers.fromCache == requests - 1,
                "two servers of static content: one request to be sent, all others answered by the cache");
        Answers disguised = send(
                shop,
                "path /api/..//static/%61pp.js, never kept",
                request("/api/..//static/%61pp.js").header("Cache-Control", "no-cache"),
                "static-1",
                "static-2");
        narrator.promise(disguised.fromCache == 0, "no-cache: a request was answered by the cache");
        compressed(shop);
    }

    private void compressed(Shop shop) throws IOException {
        Request get = request("/static/big.css").build();
        try (Response response = shop.client.newCall(get).execute()) {
            Response network = response.networkResponse();
            long sent = network == null ? -1 : Long.parseLong(network.header("Content-Length", "-1"));
            int read = response.body().bytes().length;
            narrator.say(
                    "%-44s %8d  %,d bytes of text came as %,d bytes of gzip", "path /static/big.css", 1, read, sent);
            narrator.promise(
                    sent > 0 && sent < read / 10 && response.header("Content-Encoding") == null,
                    "gzip was not transparent");
        }
    }

    private void headersAndCookies(Shop shop) throws IOException {
        send(shop, "header X-Beta: yes", request("/api/items").header("X-Beta", "yes"), "beta-1");
        send(shop, "cookie tier=gold", request("/api/items").header("Cookie", "a=b; tier=gold"), "gold-1");
    }

    private void claims(Shop shop, KeyPair keys) throws IOException {
        String good = token(keys, "ES256", 60);
        send(shop, "claim role=admin", bearing(good), "admin-1");
        send(shop, "claim role=admin, signed by a stranger", bearing(token(keys(), "ES256", 60)), "api-1", "api-2");
        send(shop, "claim role=admin, expired", bearing(token(keys, "ES256", -60)), "api-1", "api-2");
        String unsigned = "eyJhbGciOiJub25lIn0" + good.substring(good.indexOf('.'), good.lastIndexOf('.') + 1);
        send(shop, "claim role=admin, algorithm none", bearing(unsigned), "api-1", "api-2");
    }

    private static Request.Builder bearing(String token) {
        return request("/api/items").header("Authorization", "Bearer " + token);
    }

    private static String token(KeyPair keys, String algorithm, int minutes) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer("https://id.shop.example");
        claims.setExpirationTimeMinutesInTheFuture(minutes);
        claims.setClaim("role", "admin");
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(algorithm);
        signature.setKey(keys.getPrivate());
        signature.setPayload(claims.toJson());
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private void canary(Shop shop) throws IOException {
        Set<Integer> few = canaries(shop, "canary 5 %", 5);
        narrator.promise(
                canaries(shop, "canary 5 %, the same users again", 5).equals(few), "a user did not stay where he was");
        shop.router.replace(shop.rules(50));
        narrator.promise(
                canaries(shop, "canary 50 %, rules replaced meanwhile", 50).containsAll(few),
                "a user of the small canary was not in the large one");
    }

    /** Sends one request for each user, and expects a share that a fair draw stays in, but for once in a million times. */
    private Set<Integer> canaries(Shop shop, String what, int percent) throws IOException {
        Set<Integer> canaries = new HashSet<>();
        Answers answers = new Answers();
        for (int user = 0; user < users; user++) {
            String server = answers.send(
                    shop, request("/api/cart").header("Cookie", "user=u" + user).build());
            if ("canary-1".equals(server)) {
                canaries.add(user);
            } else {
                narrator.promise(server != null && server.startsWith("api-"), what + ": " + server);
            }
        }
        tell(what, answers);
        double share = percent / 100.0;
        double off = Math.abs(canaries.size() - users * share);
        narrator.promise(
                off < 5 * Math.sqrt(users * share * (1 - share)), what + ": " + canaries.size() + " of " + users);
        return canaries;
    }

    private void mirror(Shop shop) throws IOException {
        send(shop, "path /api/orders/7, mirrored", request("/api/orders/7"), "api-1", "api-2");
        Server shadow = fleet.process("shadow-1").server();
        Patience.until(() -> count(shadow) >= requests);
        long copies = count(shadow);
        narrator.say("%-44s %,8d  copies, whose answers nobody saw", "  shadow-1 had", copies);
        narrator.promise(copies == requests, copies + " of " + requests + " requests came to the shadow");
        fleet.process("shadow-1").end();
        send(shop, "the same, the shadow killed with SIGKILL", request("/api/orders/7"), "api-1", "api-2");
    }

    /** How many requests a server has had, as it says itself. */
    private static long count(Server server) {
        try (InputStream answer = new URL("http", "127.0.0.1", server.port(), NamedServer.COUNT).openStream()) {
            return Long.parseLong(new String(answer.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void noMatch(Shop shop) {
        String path = "/checkout";
        try {
            new Answers().send(shop, request(path).build());
            narrator.promise(false, path + " matched a rule");
        } catch (IOException e) {
            narrator.say("%-44s %8d  %s", "path " + path, 1, String.valueOf(e.getMessage()));
        }
        narrator.say("");
        narrator.say("%s", shop.router.explain(new ExplainedRequest("GET", Shop.HOST, "/api//items")));
    }
}
