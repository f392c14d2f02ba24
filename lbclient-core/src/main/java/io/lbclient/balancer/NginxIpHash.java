package io.lbclient.balancer;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#ipHash}. */
final class NginxIpHash extends NginxSlots {
    private static final int SEED = 89;
    private static final int MULTIPLIER = 113;
    private static final int MODULUS = 6271;

    NginxIpHash(Members members, Slots slots) {
        super(members, slots);
    }

    @Override
    long hash(Object key) {
        return hash(SEED, key);
    }

    @Override
    long next(@Nullable Object key, long place, int step) {
        return key == null ? place : hash((int) place, key);
    }

    /** The first three octets of IPv4, all bytes of IPv6. */
    private static int hash(int start, Object key) {
        byte[] bytes = ((InetAddress) key).getAddress();
        int length = bytes.length == 4 ? 3 : bytes.length;
        int hash = start;
        for (int i = 0; i < length; i++) {
            hash = (hash * MULTIPLIER + (bytes[i] & 0xff)) % MODULUS;
        }
        return hash;
    }
}
