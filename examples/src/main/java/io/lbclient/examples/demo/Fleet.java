package io.lbclient.examples.demo;

import io.lbclient.Server;
import io.lbclient.examples.process.ServerProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** The server processes of the demo, by name. Whatever ends the demo, {@link #close} leaves none behind. */
final class Fleet implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, ServerProcess> processes = new LinkedHashMap<>();
    private final int delayMicros;
    private boolean closed;

    Fleet(int delayMicros) {
        this.delayMicros = delayMicros;
    }

    /** Starts several at once. */
    List<Server> start(List<String> names) throws IOException {
        List<ServerProcess> starting = new ArrayList<>();
        for (String name : names) {
            starting.add(launch(name));
        }
        List<Server> servers = new ArrayList<>();
        for (ServerProcess process : starting) {
            servers.add(process.await().server());
        }
        return servers;
    }

    Server start(String name) throws IOException {
        return start(List.of(name)).get(0);
    }

    /** Known before it listens: one that is still starting when the demo ends must not go on to the end of its warm-up. */
    private ServerProcess launch(String name) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException(name + ": the demo is ending");
            }
            ServerProcess known = processes.get(name);
            if (known != null) {
                return known.restart();
            }
            ServerProcess process = ServerProcess.begin(BackendServer.class, name, 0, Integer.toString(delayMicros));
            processes.put(name, process);
            return process;
        } finally {
            lock.unlock();
        }
    }

    void slowDown(String name, int times) throws IOException {
        find(name).tell(Integer.toString(delayMicros * times));
    }

    void restore(String name) throws IOException {
        find(name).tell(Integer.toString(delayMicros));
    }

    void kill(String name) {
        find(name).kill();
    }

    /** Starts killed ones again, at once, on the ports that they had. */
    void revive(List<String> names) throws IOException {
        start(names);
    }

    private ServerProcess find(String name) {
        lock.lock();
        try {
            ServerProcess process = processes.get(name);
            if (process == null) {
                throw new IllegalArgumentException("name: " + name + " (expected: one of " + processes.keySet() + ")");
            }
            return process;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            // All first, then wait: they end side by side.
            processes.values().forEach(ServerProcess::kill);
            processes.values().forEach(ServerProcess::awaitEnd);
        } finally {
            lock.unlock();
        }
    }
}
