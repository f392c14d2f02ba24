package io.lbclient.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lbclient.Server;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.xbill.DNS.Name;

/** Whatever resolvers answer, servers are found or it is said why not, and nothing else comes of it. */
class LookupFuzzTest {
    private static final int MOST = 50;

    /** The bytes are the answers to the questions in turn, each after its length, as DNS over TCP has them. */
    @FuzzTest(maxDuration = "1m")
    void anyAnswers(byte[] bytes) throws Exception {
        Name name = Name.fromConstantString("_http._tcp.orders.test.");
        for (int port : new int[] {DnsDiscoveryBuilder.PORTS_OF_RECORDS, 8080}) {
            Asker asker = new Asker(List.of(new Answering(ByteBuffer.wrap(bytes))), 2);
            Lookup lookup = new Lookup(
                    List.of(name),
                    asker,
                    new Addresses(asker, true, true),
                    new Placing(port, MOST, server -> server.withZone("z")));
            CompletableFuture<Found> look = lookup.look();
            assertThat(look).as("nobody is waited for").isDone();
            try {
                check(look.get());
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(IOException.class).hasMessageMatching(".+");
            }
        }
    }

    private static void check(Found found) {
        List<Server> servers = found.servers();
        assertThat(servers).hasSizeLessThanOrEqualTo(MOST);
        assertThat(servers.stream().map(Server::id).distinct().count()).isEqualTo(servers.size());
        assertThat(found.ttlSeconds()).isNotNegative();
        assertThat(found.noService() && !servers.isEmpty()).isFalse();
    }
}
