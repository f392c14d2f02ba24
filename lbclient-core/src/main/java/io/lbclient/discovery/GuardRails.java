package io.lbclient.discovery;

import io.lbclient.ServerDiscovery;
import io.lbclient.internal.Checks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of what stands between a source and a pool, so that a fault of the source is not a fault of the
 * traffic; not safe for use by several threads. Each method returns these settings.
 *
 * <pre>{@code
 * ServerDiscovery source = GuardRails.standard()
 *     .snapshotFile(Path.of("/var/cache/orders.servers"))
 *     .around(Discoveries.file(Path.of("/etc/orders.servers")));
 * }</pre>
 *
 * <p>Whatever the settings: while the source fails, the last list stays; an entry that is invalid is left out and named in
 * the log, and the others are used; a subscription that ends or cannot be had is tried again after 1 s, then 2 s, 4 s, 8 s
 * and then every 10 s, each shortened at random by up to a half.
 */
public final class GuardRails {
    /** What a count of nanoseconds can hold, with room for a sum of two. */
    static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    AddressFilter filter = AddressFilter.standard();
    double maxShrink = 0.5;
    Duration shrinkAfter = Duration.ofSeconds(30);
    Duration emptyAfter = Duration.ofHours(1);
    Duration damping = Duration.ofSeconds(30);
    Duration silenceLimit = Duration.ZERO;
    Executor executor = IoThreads.SHARED;

    @Nullable Path snapshotFile;

    private GuardRails() {}

    private GuardRails(GuardRails from) {
        filter = from.filter;
        maxShrink = from.maxShrink;
        shrinkAfter = from.shrinkAfter;
        emptyAfter = from.emptyAfter;
        damping = from.damping;
        silenceLimit = from.silenceLimit;
        executor = from.executor;
        snapshotFile = from.snapshotFile;
    }

    /**
     * Begins with the settings that every source of this library has unless told otherwise.
     *
     * @return new settings
     */
    public static GuardRails standard() {
        return new GuardRails();
    }

    /**
     * Sets which addresses a source may name. Default: {@link AddressFilter#standard()}.
     *
     * @param addresses the filter
     * @return these settings
     */
    public GuardRails filter(AddressFilter addresses) {
        filter = addresses;
        return this;
    }

    /**
     * Sets how much of the list may go missing, at once or one by one within {@link #shrinkAfter}, before that is doubted.
     * What is missing from a doubted list stays, what is new in it is used. Default: 0.5, so that of two servers one may go, and of three not two.
     *
     * @param share 0 (any server less is doubted) to 1 (only an empty list is)
     * @return these settings
     * @throws IllegalArgumentException if it is outside
     */
    public GuardRails maxShrink(double share) {
        maxShrink = Checks.between("maxShrink", share, 0, 1);
        return this;
    }

    /**
     * Sets how long a source has to say the same before a list that shrank too much is believed. If it has said nothing
     * since, it is subscribed to again, to hear it. Default: 30 s.
     *
     * @param time zero or more; zero believes at once
     * @return these settings
     * @throws IllegalArgumentException if it is negative or more than 146 years
     */
    public GuardRails shrinkAfter(Duration time) {
        shrinkAfter = Checks.notNegative("shrinkAfter", time, LONGEST);
        return this;
    }

    /**
     * Sets how long a source has to say that there are no servers before it is believed, unless it says so
     * authoritatively. Default: 1 h.
     *
     * @param time zero or more; zero believes at once
     * @return these settings
     * @throws IllegalArgumentException if it is negative or more than 146 years
     */
    public GuardRails emptyAfter(Duration time) {
        emptyAfter = Checks.notNegative("emptyAfter", time, LONGEST);
        return this;
    }

    /**
     * Sets how often a server that leaves and comes back over and over may do so. The first leaving and coming back are
     * free; then it changes sides at most once in this time, until it has been quiet for twice as long. A server that is
     * held back from joining joins all the same if there is no other. Default: 30 s.
     *
     * @param window zero or more; zero damps nothing
     * @return these settings
     * @throws IllegalArgumentException if it is negative or more than 146 years
     */
    public GuardRails damping(Duration window) {
        damping = Checks.notNegative("damping", window, LONGEST);
        return this;
    }

    /**
     * Sets how long a source may say nothing at all before it is taken for dead and subscribed to again. Default: zero,
     * which is for ever, for a source may have no reason to speak. The sources of this library find that out by themselves.
     *
     * @param time zero or more
     * @return these settings
     * @throws IllegalArgumentException if it is negative or more than 146 years
     */
    public GuardRails silenceLimit(Duration time) {
        silenceLimit = Checks.notNegative("silenceLimit", time, LONGEST);
        return this;
    }

    /**
     * Sets a file in which the last list is kept, for starts at which the source does not answer: then its servers are
     * used until the source names some. It is written when the list has changed, at most every 10 s, and replaced as a
     * whole, on daemon threads that all guard rails share. Default: none.
     *
     * @param file the file; its folder must exist and be writable
     * @return these settings
     */
    public GuardRails snapshotFile(Path file) {
        snapshotFile = file;
        return this;
    }

    /** Where the file is read and written; for tests. */
    GuardRails executor(Executor threads) {
        executor = threads;
        return this;
    }

    /**
     * Puts these guard rails around a source, in place of those that it has.
     *
     * @param source the source
     * @return the guarded source; settings that are made later do not change it
     */
    public GuardedDiscovery around(ServerDiscovery source) {
        ServerDiscovery bare = source instanceof GuardedDiscovery guarded ? guarded.source : source;
        return new GuardedDiscovery(bare, new GuardRails(this));
    }
}
