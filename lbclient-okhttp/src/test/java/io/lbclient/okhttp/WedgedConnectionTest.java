package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.balancer.Balancers;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WedgedConnectionTest {
    private static final int WINDOW = Integer.MAX_VALUE - 65_535;

    @Test
    @DisplayName("bug 37: an upload that nobody reads counts as in flight, others go elsewhere, and it ends once")
    void wedgedUpload() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Cluster cluster = Cluster.of(Transport.H2C, Balancers.leastRequests(), 1)) {
            // The write must not give up while the others are made, however long that takes.
            cluster.client(c -> c.writeTimeout(1, TimeUnit.HOURS));
            Server deaf = Server.of("127.0.0.1", listener.getLocalPort()).withId("deaf");
            cluster.pool.update(List.of(deaf));
            CompletableFuture<String> upload = Enqueued.text(cluster.client.newCall(
                    cluster.request("/").post(new Endless()).build()));
            try (Socket socket = listener.accept()) {
                greet(socket);
                cluster.pool.update(List.of(deaf, cluster.backend(0).asServer()));
                for (int i = 0; i < 20; i++) {
                    assertThat(cluster.get("/")).isEqualTo("a");
                }
                assertThat(cluster.inFlight(0)).isEqualTo(1);
                assertThat(upload).isNotDone();
            }
            assertThatThrownBy(() -> upload.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            cluster.awaitIdle();
            assertThat(cluster.endings.stream()
                            .filter(e -> e.server().equals("deaf"))
                            .map(Cluster.Ending::outcome))
                    .containsExactly(Outcome.FAILURE);
        }
    }

    /** Opens every window, so that nothing but the socket holds the client up, and reads nothing ever. */
    private static void greet(Socket socket) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        // SETTINGS of 6 bytes: INITIAL_WINDOW_SIZE.
        frame(out, 6, 4);
        out.writeShort(4);
        out.writeInt(Integer.MAX_VALUE);
        // WINDOW_UPDATE of the connection.
        frame(out, 4, 8);
        out.writeInt(WINDOW);
        out.flush();
    }

    private static void frame(DataOutputStream out, int length, int type) throws IOException {
        out.write(0);
        out.writeShort(length);
        out.write(type);
        out.write(0);
        out.writeInt(0);
    }

    /** More than any socket buffer takes. */
    private static final class Endless extends RequestBody {
        @Override
        public MediaType contentType() {
            return null;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            byte[] block = new byte[1 << 16];
            for (int i = 0; i < 1 << 12; i++) {
                sink.write(block);
            }
        }
    }
}
