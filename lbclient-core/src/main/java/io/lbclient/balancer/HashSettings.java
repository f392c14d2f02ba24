package io.lbclient.balancer;

/**
 * What can be set on a hashing strategy.
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

    static HashSettings of(HashKey key) {
        return new HashSettings(key, ServerName.ADDRESS, 0, 0L, new Sizes(1024, Rings.MAX_POINTS, 0, 65537));
    }

    HashSettings withServerName(ServerName other) {
        return new HashSettings(key, other, loadPercent, seed, sizes);
    }

    HashSettings withLoadPercent(int other) {
        return new HashSettings(key, serverName, other, seed, sizes);
    }

    HashSettings withSeed(long other) {
        return new HashSettings(key, serverName, loadPercent, other, sizes);
    }

    HashSettings withSizes(Sizes other) {
        return new HashSettings(key, serverName, loadPercent, seed, other);
    }
}
