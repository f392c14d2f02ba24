package io.lbclient.examples.shared;

import io.lbclient.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Server processes of one kind, by name. They end with it, and with the JVM that began them, however that ends ({@link
 * Lifeline}). Not safe for use by several threads at once.
 */
public final class Fleet implements AutoCloseable {
    private final Class<?> program;
    private final List<String> arguments;
    private final Map<String, ServerProcess> processes = new LinkedHashMap<>();

    /**
     * Creates a fleet without processes.
     *
     * @param program what runs in each; see {@link ServerProcess}
     * @param arguments what each is given besides its name and its port
     */
    public Fleet(Class<?> program, String... arguments) {
        this.program = program;
        this.arguments = List.of(arguments);
    }

    /**
     * Starts processes side by side; one that was there before starts again, on the port that it had.
     *
     * @param names their names
     * @return the servers, which listen
     * @throws IOException if one does not come to listen
     */
    public List<Server> start(List<String> names) throws IOException {
        List<ServerProcess> starting = new ArrayList<>();
        for (String name : names) {
            ServerProcess known = processes.get(name);
            ServerProcess process = known == null ? new ServerProcess(program, name, arguments) : known;
            process.begin();
            processes.put(name, process);
            starting.add(process);
        }
        List<Server> servers = new ArrayList<>();
        for (ServerProcess process : starting) {
            servers.add(process.await());
        }
        return servers;
    }

    /**
     * Starts one process, or starts it again.
     *
     * @param name its name
     * @return the server, which listens
     * @throws IOException if it does not come to listen
     */
    public Server start(String name) throws IOException {
        return start(List.of(name)).get(0);
    }

    /**
     * Returns a process.
     *
     * @param name its name
     * @return the process
     * @throws IllegalArgumentException if none of that name was started
     */
    public ServerProcess process(String name) {
        ServerProcess process = processes.get(name);
        if (process == null) {
            throw new IllegalArgumentException("name: " + name + " (expected: one of " + processes.keySet() + ")");
        }
        return process;
    }

    /**
     * Returns all servers that were started.
     *
     * @return the servers, in the order in which they were first started
     */
    public List<Server> servers() {
        return processes.values().stream().map(ServerProcess::server).toList();
    }

    /** Kills all processes, and waits until they are gone. */
    @Override
    public void close() {
        // All first, then wait: they end side by side.
        processes.values().forEach(ServerProcess::kill);
        processes.values().forEach(ServerProcess::awaitEnd);
    }
}
