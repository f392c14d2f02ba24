package io.lbclient.balancer;

/** CRC-32 (IEEE 802.3, as in zlib) of byte text, in steps and without an array; see {@link KeyText}. */
final class Crc32 {
    /** The state before the first byte. */
    static final int START = -1;

    private static final int[] TABLE = new int[256];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            int value = i;
            for (int bit = 0; bit < 8; bit++) {
                value = (value & 1) != 0 ? value >>> 1 ^ 0xEDB88320 : value >>> 1;
            }
            TABLE[i] = value;
        }
    }

    private Crc32() {}

    static int update(int state, int oneByte) {
        return TABLE[(state ^ oneByte) & 0xff] ^ state >>> 8;
    }

    static int update(int state, String bytes) {
        int after = state;
        for (int i = 0; i < bytes.length(); i++) {
            after = update(after, bytes.charAt(i));
        }
        return after;
    }

    /** The bytes of a number, the lowest first. */
    static int updateLittleEndian(int state, int number) {
        int after = state;
        for (int shift = 0; shift < 32; shift += 8) {
            after = update(after, number >>> shift & 0xff);
        }
        return after;
    }

    /** The checksum, 0 to 2^32 - 1. */
    static long value(int state) {
        return ~state & 0xffffffffL;
    }

    static long of(String bytes) {
        return value(update(START, bytes));
    }
}
