package io.lbclient;

import java.util.List;

/** Takes what a {@link ServerDiscovery} finds. Safe for use by many threads. */
public interface ServerSink {
    /**
     * Takes the whole list; servers that are not in it leave.
     *
     * @param servers the servers
     * @throws IllegalArgumentException if two of them have one id and different settings; the list before stays
     */
    void update(List<Server> servers);

    /**
     * Takes note that the source failed; the list before stays.
     *
     * @param cause what went wrong
     */
    void failed(Throwable cause);
}
