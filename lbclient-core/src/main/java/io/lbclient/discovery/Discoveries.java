package io.lbclient.discovery;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.internal.Checks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The sources of servers that need no other system, and ways to combine sources; for {@code ServerPoolBuilder.discovery}.
 *
 * <p>Each is immutable and safe to share between pools.
 */
public final class Discoveries {
    private static final Duration FILE_INTERVAL = Duration.ofSeconds(1);

    private Discoveries() {}

    /**
     * Returns a list that never changes, for combinations.
     *
     * @param servers the servers
     * @return the source
     */
    public static ServerDiscovery fixed(List<Server> servers) {
        return new FixedDiscovery(List.copyOf(servers));
    }

    /**
     * Returns a list that never changes, for combinations.
     *
     * @param servers the servers
     * @return the source
     */
    public static ServerDiscovery fixed(Server... servers) {
        return fixed(List.of(servers));
    }

    /**
     * Returns the list that a file has, with the standard guard rails. The file is looked at every second, and read when
     * it has changed and come to rest, that is, when two looks in a row find the same time and size.
     *
     * <pre>{@code
     * # one server a line
     * 10.0.0.1:8080 weight=2 zone=a
     * [2001:db8::1]:8080 tier=1 version=7   # further keys are tags
     * }</pre>
     *
     * <p>A file with a wrong line, one that is empty, and one whose last line does not end, are not used, and the log says
     * which line and why. A file that means that there are no servers says {@code none}.
     *
     * @param file the file, in UTF-8, of at most 16 MiB; it need not exist yet
     * @return the source
     */
    public static GuardedDiscovery file(Path file) {
        return file(file, FILE_INTERVAL);
    }

    /**
     * Returns the list that a file has, as {@link #file(Path)} does.
     *
     * @param file the file
     * @param interval how long after one look the next one comes, greater than zero
     * @return the source
     * @throws IllegalArgumentException if the interval is not greater than zero, or more than 146 years
     */
    public static GuardedDiscovery file(Path file, Duration interval) {
        Checks.positive("interval", interval, GuardRails.LONGEST);
        return GuardRails.standard().around(new FileDiscovery(file, interval, IoThreads.SHARED));
    }

    /**
     * Returns the servers of all sources together; of servers with one id, that of the earliest source counts. Each
     * source keeps its guard rails, and gets the standard ones if it has none.
     *
     * @param sources the sources, at least one
     * @return the source
     * @throws IllegalArgumentException if there are none
     */
    public static ServerDiscovery merged(ServerDiscovery... sources) {
        return new CompositeDiscovery(parts(sources), CompositeDiscovery.Rule.ALL);
    }

    /**
     * Returns the servers of the first source that has any, so that a later one steps in while the earlier ones have
     * none, and steps back. Each source keeps its guard rails, and gets the standard ones if it has none; so an earlier
     * one that only fails keeps what it had.
     *
     * @param sources the sources, at least one
     * @return the source
     * @throws IllegalArgumentException if there are none
     */
    public static ServerDiscovery firstWithServers(ServerDiscovery... sources) {
        return new CompositeDiscovery(parts(sources), CompositeDiscovery.Rule.FIRST_WITH_SERVERS);
    }

    private static List<ServerDiscovery> parts(ServerDiscovery... sources) {
        if (sources.length == 0) {
            throw Checks.rejected("sources", 0, ">= 1");
        }
        return Arrays.stream(sources).map(Discoveries::guarded).toList();
    }

    private static ServerDiscovery guarded(ServerDiscovery source) {
        boolean needsNone = source instanceof GuardedDiscovery
                || source instanceof FixedDiscovery
                || source instanceof CompositeDiscovery;
        return needsNone ? source : GuardRails.standard().around(source);
    }
}
