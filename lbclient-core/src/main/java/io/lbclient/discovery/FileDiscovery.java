package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;

/** See {@link Discoveries#file(Path)}. */
record FileDiscovery(Path file, Duration interval, Executor executor) implements ServerDiscovery {
    @Override
    public Subscription subscribe(Sink sink) {
        FileWatch watch = new FileWatch(this, sink);
        watch.refresh();
        return watch;
    }

    @Override
    public String toString() {
        return "the file " + file;
    }
}
