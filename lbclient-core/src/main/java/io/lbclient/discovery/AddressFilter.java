package io.lbclient.discovery;

import io.lbclient.Server;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which addresses a source may name, so that a poisoned or broken registry cannot send requests where none
 * belong.
 *
 * <p>Asked once for each server that is new or has changed, by one thread at a time; it must not block. A server for
 * which it throws is refused.
 */
@FunctionalInterface
public interface AddressFilter {
    /**
     * Returns why a server is refused.
     *
     * @param server the server
     * @return the reason, in plain words, or null if the server is accepted
     */
    @Nullable String refusal(Server server);

    /**
     * Returns the filter that guard rails have unless told otherwise. It refuses link-local addresses (169.254.0.0/16 and
     * fe80::/10, and with them the metadata service 169.254.169.254), the metadata services that have other addresses or
     * names (100.100.100.200, 192.0.0.192, fd00:ec2::254, {@code metadata.google.internal}), unspecified ones (0.0.0.0/8
     * and ::), multicast and broadcast ones, and port 22. An IPv4 address inside an IPv6 one (mapped, compatible, NAT64)
     * is looked at as well. Private and loopback addresses are accepted: they are what this library is for.
     *
     * <p>Only literal addresses can be looked at. What a host name leads to is found out by whoever connects.
     *
     * @return the filter
     */
    static AddressFilter standard() {
        return StandardAddressFilter.INSTANCE;
    }

    /**
     * Returns a filter that accepts everything.
     *
     * @return the filter
     */
    static AddressFilter none() {
        return server -> null;
    }

    /**
     * Returns a filter that accepts what this one does and some servers besides.
     *
     * @param exception which servers are accepted, whatever this filter says
     * @return the wider filter
     */
    default AddressFilter except(Predicate<? super Server> exception) {
        return server -> exception.test(server) ? null : refusal(server);
    }

    /**
     * Returns a filter that refuses what this one or another one refuses.
     *
     * @param other the other filter
     * @return the narrower filter
     */
    default AddressFilter and(AddressFilter other) {
        return server -> {
            String reason = refusal(server);
            return reason == null ? other.refusal(server) : reason;
        };
    }
}
