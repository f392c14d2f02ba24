package io.lbclient.balancer;

import java.net.Inet4Address;

/** XXH64 (Yann Collet's xxHash, 64 bits) of byte text; see {@link KeyText}. */
final class XxHash64 {
    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;

    private XxHash64() {}

    /** The hash of a key as {@link HashKey} describes it. */
    static long hashKey(Object key, long seed) {
        return key instanceof Inet4Address address
                ? hashAddress(address.getAddress(), seed)
                : hash(KeyText.of(key), seed);
    }

    static long hash(String bytes, long seed) {
        int length = bytes.length();
        int at = 0;
        long hash;
        if (length >= 32) {
            long a = seed + PRIME_1 + PRIME_2;
            long b = seed + PRIME_2;
            long c = seed;
            long d = seed - PRIME_1;
            for (; at <= length - 32; at += 32) {
                a = round(a, longAt(bytes, at));
                b = round(b, longAt(bytes, at + 8));
                c = round(c, longAt(bytes, at + 16));
                d = round(d, longAt(bytes, at + 24));
            }
            hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
            hash = merge(merge(merge(merge(hash, a), b), c), d);
        } else {
            hash = seed + PRIME_5;
        }
        return tail(bytes, at, hash + length);
    }

    private static long tail(String bytes, int from, long before) {
        int length = bytes.length();
        int at = from;
        long hash = before;
        for (; at <= length - 8; at += 8) {
            hash = take8(hash, longAt(bytes, at));
        }
        if (at <= length - 4) {
            hash = take4(hash, intAt(bytes, at));
            at += 4;
        }
        for (; at < length; at++) {
            hash = take1(hash, bytes.charAt(at));
        }
        return avalanche(hash);
    }

    /** The hash of an IPv4 address in its dotted form, which is packed into two longs rather than made a string. */
    private static long hashAddress(byte[] address, long seed) {
        long low = 0;
        long high = 0;
        int length = 0;
        for (int i = 0; i < 4; i++) {
            int octet = address[i] & 0xff;
            int digits = octet >= 100 ? 3 : octet >= 10 ? 2 : 1;
            for (int place = digits == 3 ? 100 : digits == 2 ? 10 : 1; place > 0; place /= 10) {
                long digit = '0' + (long) octet / place % 10;
                low |= length < 8 ? digit << (8 * length) : 0;
                high |= length < 8 ? 0 : digit << (8 * (length - 8));
                length++;
            }
            if (i < 3) {
                low |= length < 8 ? (long) '.' << (8 * length) : 0;
                high |= length < 8 ? 0 : (long) '.' << (8 * (length - 8));
                length++;
            }
        }
        return hashPacked(low, high, length, seed);
    }

    private static long hashPacked(long low, long high, int length, long seed) {
        long hash = seed + PRIME_5 + length;
        long rest = low;
        int left = length;
        if (left >= 8) {
            hash = take8(hash, low);
            rest = high;
            left -= 8;
        }
        if (left >= 4) {
            hash = take4(hash, rest & 0xffffffffL);
            rest >>>= 32;
            left -= 4;
        }
        for (; left > 0; left--, rest >>>= 8) {
            hash = take1(hash, rest & 0xff);
        }
        return avalanche(hash);
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
    }

    private static long merge(long hash, long lane) {
        return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
    }

    private static long take8(long hash, long input) {
        return Long.rotateLeft(hash ^ round(0, input), 27) * PRIME_1 + PRIME_4;
    }

    private static long take4(long hash, long input) {
        return Long.rotateLeft(hash ^ input * PRIME_1, 23) * PRIME_2 + PRIME_3;
    }

    private static long take1(long hash, long input) {
        return Long.rotateLeft(hash ^ input * PRIME_5, 11) * PRIME_1;
    }

    private static long avalanche(long before) {
        long hash = before;
        hash = (hash ^ (hash >>> 33)) * PRIME_2;
        hash = (hash ^ (hash >>> 29)) * PRIME_3;
        return hash ^ (hash >>> 32);
    }

    private static long longAt(String bytes, int at) {
        return intAt(bytes, at) | intAt(bytes, at + 4) << 32;
    }

    private static long intAt(String bytes, int at) {
        int low = bytes.charAt(at) | bytes.charAt(at + 1) << 8;
        int high = bytes.charAt(at + 2) | bytes.charAt(at + 3) << 8;
        return (low | (long) high << 16) & 0xffffffffL;
    }
}
