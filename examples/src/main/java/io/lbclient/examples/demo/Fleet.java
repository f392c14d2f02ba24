package io.lbclient.examples.demo;

import io.lbclient.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import okhttp3.OkHttpClient;

/** The server processes of the demo, by name. Whatever ends the demo, {@link #close} leaves none behind. */
final class Fleet implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, BackendProcess> running = new LinkedHashMap<>();
    private final List<BackendProcess> killed = new ArrayList<>();
    private final List<Process> launched = new ArrayList<>();
    // Not lbclient's: control requests go to one server, and must not be counted.
    private final OkHttpClient control = new OkHttpClient();
    private final int delayMicros;
    private boolean closed;

    Fleet(int delayMicros) {
        this.delayMicros = delayMicros;
    }

    /** Starts several at once. */
    List<Server> start(List<String> names) throws IOException {
        return start(names, name -> 0);
    }

    private List<Server> start(List<String> names, ToIntFunction<String> port) throws IOException {
        List<CompletableFuture<Server>> starting = names.stream()
                .map(name -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return start(name, port.applyAsInt(name));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .toList();
        try {
            return starting.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw new IOException(e.getCause() == null ? e : e.getCause());
        }
    }

    Server start(String name) throws IOException {
        return start(name, 0);
    }

    private Server start(String name, int port) throws IOException {
        BackendProcess process = BackendProcess.start(name, port, delayMicros, this::launched);
        lock.lock();
        try {
            if (closed) {
                process.close();
                throw new IOException(name + ": the demo is ending");
            }
            running.put(name, process);
        } finally {
            lock.unlock();
        }
        return process.server();
    }

    /** One that is still starting when the demo ends must not go on to the end of its warm-up. */
    private void launched(Process process) {
        lock.lock();
        try {
            launched.add(process);
            if (closed) {
                process.destroyForcibly();
            }
        } finally {
            lock.unlock();
        }
    }

    void slowDown(String name, int times) throws IOException {
        find(name).delay(control, delayMicros * times);
    }

    void restore(String name) throws IOException {
        find(name).delay(control, delayMicros);
    }

    void kill(String name) {
        BackendProcess process = find(name);
        process.kill();
        lock.lock();
        try {
            running.remove(name);
            killed.add(process);
        } finally {
            lock.unlock();
        }
    }

    /** Starts killed ones again, at once, on the ports that they had. */
    void revive(List<String> names) throws IOException {
        start(names, this::portOfKilled);
    }

    private int portOfKilled(String name) {
        lock.lock();
        try {
            return killed.stream()
                    .filter(process -> process.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("name: " + name + " (expected: a killed server)"))
                    .port();
        } finally {
            lock.unlock();
        }
    }

    private BackendProcess find(String name) {
        lock.lock();
        try {
            BackendProcess process = running.get(name);
            if (process == null) {
                throw new IllegalArgumentException("name: " + name + " (expected: one of " + running.keySet() + ")");
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
            launched.forEach(Process::destroyForcibly);
            running.values().forEach(BackendProcess::close);
            killed.forEach(BackendProcess::close);
        } finally {
            lock.unlock();
        }
        control.dispatcher().executorService().shutdown();
        control.connectionPool().evictAll();
    }
}
