package io.lbclient.test.contract;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.util.List;

/** The real thing behind a source, under the test's hand. */
public interface Registry extends AutoCloseable {
    /** What a registry may be able to say of a server. */
    enum Fact {
        WEIGHT,
        TIER,
        ZONE
    }

    /** The source, with the guard rails that it has by default. */
    ServerDiscovery source();

    /** Makes this the list from now on. */
    void put(List<Server> servers) throws Exception;

    /** Takes the registry away, rudely. */
    void stop() throws Exception;

    /** Brings it back, with what it had. */
    void start() throws Exception;

    /** Whether it can say that. */
    boolean says(Fact fact);

    /** Whether the list changes as a whole, and not server by server. */
    default boolean atomic() {
        return true;
    }

    @Override
    void close() throws Exception;
}
