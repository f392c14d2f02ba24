package io.lbclient.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lbclient.Server;
import java.io.IOException;
import java.util.List;

/** Whatever bytes a file of servers has, they are read or refused, and what was read can be written and read again. */
class ServerLinesFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void anyBytes(byte[] bytes) {
        ServerLines.Parsed parsed;
        try {
            parsed = ServerLines.parse(FileText.decoded(bytes));
        } catch (IOException | IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank().doesNotContain("\n", "\r", "\u001b", "\u0000");
            return;
        }
        List<Server> servers = parsed.servers();
        assertThat(servers.stream().map(Server::id).distinct().count()).isEqualTo(servers.size());
        assertThat(parsed.authoritative() && !servers.isEmpty()).isFalse();
        if (!servers.isEmpty()) {
            assertThat(ServerLines.parse(ServerLines.format(servers)).servers()).isEqualTo(servers);
        }
    }
}
