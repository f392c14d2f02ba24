package io.lbclient;

import io.lbclient.internal.Checks;
import java.util.regex.Pattern;

/** What servers, pools and zones may be called, and where a server may be. */
final class Names {
    private static final int MAX_HOST_LENGTH = 253;

    private static final Pattern LABELS = Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");
    private static final Pattern NUMBER = Pattern.compile("([0-9]+|0[xX][0-9a-fA-F]*)\\.?");
    private static final Pattern IPV4 =
            Pattern.compile("(%1$s\\.){3}%1$s".formatted("(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"));
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._~-]{1,64}");
    private static final Pattern HEXTETS = Pattern.compile("[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4}){0,7}");

    private Names() {}

    /**
     * Ids and zones end up in logs, headers and cookies, so no character may mean anything there: what RFC 6265 allows
     * in a cookie's value, which leaves out spaces, control characters and everything that a line break can be made of.
     */
    static String token(String name, String value) {
        if (value.chars().anyMatch(c -> c == '"' || c == ',' || c == ';' || c == '\\')) {
            throw Checks.rejected(name, Checks.printable(value), Checks.VISIBLE + " other than \" , ; \\");
        }
        return Checks.visible(name, value);
    }

    /** A host name, an IPv4 address, or an IPv6 address without brackets. */
    static String host(String host) {
        boolean right = host.length() <= MAX_HOST_LENGTH
                && (host.indexOf(':') >= 0 ? isIpv6(host) : LABELS.matcher(host).matches() && !isOddNumber(host));
        if (!right) {
            throw Checks.rejected(
                    "host", Checks.printable(host), "a host name or an IP address, without brackets and port");
        }
        return host;
    }

    /**
     * Whether a resolver may take it for an IPv4 address that it does not look like: 2130706433, 0x7f.1 and 127.1 are
     * all 127.0.0.1 to some, and 010.0.0.1 is 8.0.0.1 or 10.0.0.1, depending on whom one asks.
     */
    private static boolean isOddNumber(String host) {
        String lastLabel = host.substring(host.lastIndexOf('.', host.length() - 2) + 1);
        return NUMBER.matcher(lastLabel).matches() && !IPV4.matcher(host).matches();
    }

    /** The text forms of RFC 4291 section 2.2, with the zone of RFC 4007 section 11. */
    private static boolean isIpv6(String host) {
        int percent = host.indexOf('%');
        String address = percent < 0 ? host : host.substring(0, percent);
        if (percent >= 0 && !ZONE.matcher(host.substring(percent + 1)).matches()) {
            return false;
        }
        int lastColon = address.lastIndexOf(':');
        if (address.indexOf('.') >= 0) {
            if (!IPV4.matcher(address.substring(lastColon + 1)).matches()) {
                return false;
            }
            // It stands for two groups, whatever is in them.
            address = address.substring(0, lastColon + 1) + "0:0";
        }
        int gap = address.indexOf("::");
        if (gap < 0) {
            return groups(address) == 8;
        }
        String before = address.substring(0, gap);
        String after = address.substring(gap + 2);
        int left = before.isEmpty() ? 0 : groups(before);
        int right = after.isEmpty() ? 0 : groups(after);
        return left >= 0 && right >= 0 && left + right < 8;
    }

    /** How many groups of hexadecimal digits there are between the colons; a large negative number if it is not that. */
    private static int groups(String text) {
        return HEXTETS.matcher(text).matches()
                ? (int) text.chars().filter(c -> c == ':').count() + 1
                : -100;
    }
}
