package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Server;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real nginx and this library send the same keys to the same servers. */
class NginxCompatibilityTest {
    private static final int KEYS = 2000;

    @TempDir
    private static Path directory;

    private static Nginx nginx;

    @BeforeAll
    static void start() throws Exception {
        nginx = Nginx.withServers(directory, 5);
        String upstreams = upstream("ip", "ip_hash", 1, 1, 1, 1, 1)
                + upstream("ip_weighted", "ip_hash", 3, 1, 2, 1, 5)
                + upstream("consistent", "hash $arg_k consistent", 1, 1, 1, 1, 1)
                + upstream("consistent_weighted", "hash $arg_k consistent", 3, 1, 2, 1, 5)
                + upstream("address", "hash $remote_addr consistent", 1, 1, 1, 1, 1)
                + upstream("plain", "hash $arg_k", 1, 1, 1, 1, 1)
                + upstream("plain_weighted", "hash $arg_k", 3, 1, 2, 1, 5);
        StringBuilder locations = new StringBuilder();
        for (String name : List.of(
                "ip", "ip_weighted", "consistent", "consistent_weighted", "address", "plain", "plain_weighted")) {
            locations.append("location /%s/ { proxy_pass http://%s; }\n".formatted(name, name));
        }
        // The second ip_hash server is down, which nginx keeps in the list and we see as a server that left.
        String down = upstream("down", "ip_hash", 3, 1, 2, 1, 5)
                .replace(nginx.serverPort(1) + " weight=1", nginx.serverPort(1) + " weight=1 down");
        locations.append("location /down/ { proxy_pass http://down; }\n");
        nginx.start(upstreams + down, locations.toString());
    }

    @AfterAll
    static void stop() throws Exception {
        if (nginx != null) {
            nginx.close();
        }
    }

    private static String upstream(String name, String method, int... weights) {
        StringBuilder text = new StringBuilder("upstream %s {\n%s;\n".formatted(name, method));
        for (int i = 0; i < weights.length; i++) {
            text.append("server 127.0.0.1:%d weight=%d max_fails=0;\n".formatted(nginx.serverPort(i), weights[i]));
        }
        return text.append("}\n").toString();
    }

    private List<Server> servers(double... weights) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            servers.add(Server.of("127.0.0.1", nginx.serverPort(i)).withWeight(weights[i]));
        }
        return servers;
    }

    private void sameServerForEachKey(String upstream, HashBalancerBuilder settings, double... weights)
            throws Exception {
        Balancer.Picker picker = Keys.picker(settings.build(), servers(weights));
        List<Object> keys = new ArrayList<>();
        List<Nginx.Query> queries = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(KEYS);
        for (int i = 0; i < KEYS; i++) {
            String key = i % 3 == 0 ? "user-" + i : Long.toHexString(random.nextLong() >>> random.nextInt(60));
            keys.add(key);
            String target = "/" + upstream + "/?k=" + URLEncoder.encode(key, StandardCharsets.UTF_8);
            queries.add(new Nginx.Query(target, "192.0.2.1"));
        }
        sameServer(picker, keys, queries, weights.length);
    }

    private void sameServer(Balancer.Picker picker, List<Object> keys, List<Nginx.Query> queries, int servers)
            throws Exception {
        int[] ports = nginx.send(queries);
        for (int i = 0; i < KEYS; i++) {
            assertThat(Keys.pick(picker, keys.get(i))).as("key %s", keys.get(i)).isEqualTo("127.0.0.1:" + ports[i]);
        }
        assertThat(Arrays.stream(ports).distinct()).hasSize(servers);
    }

    private void sameServerForEachClient(String upstream, Balancer.Picker picker, int servers) throws Exception {
        List<Object> clients = new ArrayList<>();
        List<Nginx.Query> queries = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(upstream.hashCode());
        for (int i = 0; i < KEYS; i++) {
            byte[] bytes = new byte[i % 4 == 0 ? 16 : 4];
            random.nextBytes(bytes);
            if (bytes.length == 16) {
                // Runs of zeros of all lengths and places, since the text of an address depends on them.
                int from = random.nextInt(8);
                int until = from + random.nextInt(9 - from);
                for (int at = 2 * from; at < 2 * until; at++) {
                    bytes[at] = 0;
                }
                bytes[0] = (byte) 0x20;
            } else {
                // An address of ours would be trusted to name yet another one.
                bytes[0] = (byte) (1 + random.nextInt(120));
            }
            InetAddress client = InetAddress.getByAddress(bytes);
            clients.add(client);
            queries.add(new Nginx.Query("/" + upstream + "/", client.getHostAddress()));
        }
        sameServer(picker, clients, queries, servers);
    }

    @Test
    void ipHashPicksTheServerThatNginxPicks() throws Exception {
        Balancer.Picker picker = Keys.picker(Balancers.ipHash().build(), servers(1, 1, 1, 1, 1));
        sameServerForEachClient("ip", picker, 5);
    }

    @Test
    void ipHashWithWeightsPicksTheServerThatNginxPicks() throws Exception {
        Balancer.Picker picker = Keys.picker(Balancers.ipHash().build(), servers(3, 1, 2, 1, 5));
        sameServerForEachClient("ip_weighted", picker, 5);
    }

    @Test
    void ipHashTreatsAServerThatLeftLikeOneThatIsDownInNginx() throws Exception {
        Balancer ipHash = Balancers.ipHash().build();
        var all = Keys.candidates(servers(3, 1, 2, 1, 5));
        var rest = new ArrayList<>(all);
        rest.remove(1);
        sameServerForEachClient("down", ipHash.picker(rest, ipHash.picker(all, null)), 4);
    }

    @Test
    void consistentHashPicksTheServerThatNginxPicks() throws Exception {
        sameServerForEachKey("consistent", Balancers.nginxConsistentHash(Keys.KEY), 1, 1, 1, 1, 1);
    }

    @Test
    void consistentHashWithWeightsPicksTheServerThatNginxPicks() throws Exception {
        sameServerForEachKey("consistent_weighted", Balancers.nginxConsistentHash(Keys.KEY), 3, 1, 2, 1, 5);
    }

    @Test
    void consistentHashOfTheClientsAddressPicksTheServerThatNginxPicks() throws Exception {
        Balancer balancer =
                Balancers.nginxConsistentHash(HashKey.clientAddress()).build();
        sameServerForEachClient("address", Keys.picker(balancer, servers(1, 1, 1, 1, 1)), 5);
    }

    @Test
    void plainHashPicksTheServerThatNginxPicks() throws Exception {
        sameServerForEachKey("plain", Balancers.nginxHash(Keys.KEY), 1, 1, 1, 1, 1);
    }

    @Test
    void plainHashWithWeightsPicksTheServerThatNginxPicks() throws Exception {
        sameServerForEachKey("plain_weighted", Balancers.nginxHash(Keys.KEY), 3, 1, 2, 1, 5);
    }
}
