package io.lbclient.balancer;

import org.jspecify.annotations.Nullable;

/**
 * MD5 (RFC 1321) of byte text, see {@link KeyText}, without an object: ketama needs it for every pick, and the digest
 * of the platform would cost one for each thread. It spreads keys and protects nothing.
 */
final class Md5 {
    private static final int[] SINES = new int[64];
    private static final int[] SHIFTS = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

    static {
        for (int i = 0; i < SINES.length; i++) {
            SINES[i] = (int) (long) Math.floor(StrictMath.abs(StrictMath.sin(i + 1.0)) * (1L << 32));
        }
    }

    private Md5() {}

    /** The first four bytes of the digest as a little-endian number, 0 to 2^32 - 1. */
    static long first(String bytes) {
        return digest(bytes, null) & 0xffffffffL;
    }

    /**
     * The first eight bytes of the digest as a little-endian number.
     *
     * @param halves takes them, and the last eight; null if only the first are wanted
     */
    static long digest(String bytes, long @Nullable [] halves) {
        int a0 = 0x67452301;
        int b0 = 0xefcdab89;
        int c0 = 0x98badcfe;
        int d0 = 0x10325476;
        int blocks = (bytes.length() + 8) / 64 + 1;
        for (int block = 0; block < blocks; block++) {
            int a = a0;
            int b = b0;
            int c = c0;
            int d = d0;
            for (int i = 0; i < 64; i++) {
                int mixed = a + mix(i, b, c, d) + SINES[i] + word(bytes, 16 * block + place(i), 16 * blocks);
                a = d;
                d = c;
                c = b;
                b += Integer.rotateLeft(mixed, SHIFTS[i >> 4 << 2 | (i & 3)]);
            }
            a0 += a;
            b0 += b;
            c0 += c;
            d0 += d;
        }
        long first = pair(a0, b0);
        if (halves != null) {
            halves[0] = first;
            halves[1] = pair(c0, d0);
        }
        return first;
    }

    private static int mix(int step, int b, int c, int d) {
        return switch (step >> 4) {
            case 0 -> (b & c) | (~b & d);
            case 1 -> (d & b) | (~d & c);
            case 2 -> b ^ c ^ d;
            default -> c ^ (b | ~d);
        };
    }

    private static int place(int step) {
        return switch (step >> 4) {
            case 0 -> step;
            case 1 -> (5 * step + 1) & 15;
            case 2 -> (3 * step + 5) & 15;
            default -> (7 * step) & 15;
        };
    }

    /** A word of the padded message: the bytes, 0x80, zeros, and the length in bits in the last two words. */
    private static int word(String bytes, int index, int words) {
        long bits = 8L * bytes.length();
        if (index >= words - 2) {
            return (int) (index == words - 2 ? bits : bits >>> 32);
        }
        int from = 4 * index;
        int value = 0;
        for (int i = 3; i >= 0; i--) {
            int at = from + i;
            int next = at < bytes.length() ? bytes.charAt(at) : at == bytes.length() ? 0x80 : 0;
            value = value << 8 | next;
        }
        return value;
    }

    private static long pair(int low, int high) {
        return (long) high << 32 | (low & 0xffffffffL);
    }
}
