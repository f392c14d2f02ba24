package io.lbclient.balancer;

import org.jspecify.annotations.Nullable;

/** See {@link Balancers#nginxHash}. */
final class NginxHash extends NginxSlots {
    NginxHash(Members members, Slots slots) {
        super(members, slots);
    }

    @Override
    long hash(Object key) {
        return part(Crc32.START, key);
    }

    /** Each further try adds the hash of the key with the number of the try before it. */
    @Override
    long next(@Nullable Object key, long place, int step) {
        int state = Crc32.START;
        if (step >= 10) {
            state = Crc32.update(state, '0' + step / 10);
        }
        state = Crc32.update(state, '0' + step % 10);
        return place + part(state, key == null ? "" : key);
    }

    private static long part(int state, Object key) {
        return Crc32.value(Crc32.update(state, KeyText.of(key))) >>> 16 & 0x7fff;
    }
}
