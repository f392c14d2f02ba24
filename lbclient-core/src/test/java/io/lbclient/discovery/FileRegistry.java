package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A file; to take it away is to delete it. */
class FileRegistry implements Registry {
    private final Path folder;
    private final Path file;
    private final ServerDiscovery source;
    private String text = "# nothing yet\n";
    private boolean stopped;

    FileRegistry() throws IOException {
        folder = Files.createTempDirectory("registry");
        file = folder.resolve("orders.servers");
        source = Discoveries.file(file, Duration.ofMillis(20));
    }

    @Override
    public ServerDiscovery source() {
        return source;
    }

    @Override
    public void put(List<Server> servers) throws IOException {
        text = servers.isEmpty() ? "# no servers\n" : ServerLines.format(servers);
        if (!stopped) {
            Files.writeString(file, text);
        }
    }

    @Override
    public void stop() throws IOException {
        stopped = true;
        Files.delete(file);
    }

    @Override
    public void start() throws IOException {
        stopped = false;
        Files.writeString(file, text);
    }

    @Override
    public boolean says(Fact fact) {
        return true;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        Files.delete(folder);
    }
}
