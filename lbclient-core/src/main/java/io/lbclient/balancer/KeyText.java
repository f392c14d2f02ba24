package io.lbclient.balancer;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Turns keys into byte text: a string in which each character stands for one byte, so that hash functions read bytes
 * without an array. ASCII text is its own byte text.
 */
final class KeyText {
    private KeyText() {}

    static boolean missing(@Nullable Object key) {
        return key == null || (key instanceof String text && text.isEmpty());
    }

    /** Allocates only if the key is not an ASCII string. */
    static String of(Object key) {
        if (key instanceof String text) {
            return ofString(text);
        }
        return key instanceof InetAddress address ? ofAddress(address) : ofString(key.toString());
    }

    static String ofString(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            }
        }
        return text;
    }

    /** As Envoy and nginx write it: IPv6 in lower case, the longest run of zero groups shortened. (RFC 5952.) */
    private static String ofAddress(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return (bytes[0] & 0xff) + "." + (bytes[1] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[3] & 0xff);
        }
        int from = longestZeroRun(bytes);
        int until = from;
        while (until < 8 && from < 8 && group(bytes, until) == 0) {
            until++;
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == from) {
                text.append("::");
                i = until - 1;
            } else {
                boolean separated = i > 0 && i != until;
                text.append(separated ? ":" : "").append(Integer.toHexString(group(bytes, i)));
            }
        }
        return text.toString();
    }

    /** The first group of the longest run of at least two; 8 if there is none. */
    private static int longestZeroRun(byte[] bytes) {
        int start = 8;
        int longest = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && group(bytes, end) == 0) {
                end++;
            }
            if (end - i > longest) {
                start = i;
                longest = end - i;
            }
        }
        return start;
    }

    private static int group(byte[] bytes, int index) {
        return (bytes[2 * index] & 0xff) << 8 | (bytes[2 * index + 1] & 0xff);
    }
}
