package io.lbclient.balancer;

/**
 * What was set on a hashing strategy, with {@link HashBalancerBuilder}.
 *
 * @param loadPercent the bound of the load in percent of the mean; 0 for none
 */
record HashSettings(HashKey key, ServerName serverName, int loadPercent, long seed, Sizes sizes) {
    /**
     * How big rings and tables are.
     *
     * @param entriesPerServer the entries of a server of weight 1, whatever the other servers; 0 to go by ring size
     */
    record Sizes(int minimumRing, int maximumRing, int entriesPerServer, int table) {}
}
