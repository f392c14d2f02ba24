package io.lbclient.dns;

import io.lbclient.Server;
import java.util.List;

/**
 * What one look found.
 *
 * @param servers the servers, none twice
 * @param noService whether DNS says expressly that there is no such service
 * @param ttlSeconds how long that holds
 * @param refusals what could not be made a server
 */
record Found(List<Server> servers, boolean noService, long ttlSeconds, List<Refusal> refusals) {
    record Refusal(String entry, String reason) {}

    static Found nothing(boolean noService, long ttlSeconds) {
        return new Found(List.of(), noService, ttlSeconds, List.of());
    }
}
