package io.lbclient.discovery;

import io.lbclient.Server;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** See {@link AddressFilter#standard()}. */
final class StandardAddressFilter implements AddressFilter {
    static final StandardAddressFilter INSTANCE = new StandardAddressFilter();

    private static final int SSH = 22;
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Set<String> METADATA_NAMES = Set.of("metadata", "metadata.google.internal", "instance-data");
    private static final Set<InetAddress> METADATA = Set.of(
            literal("169.254.169.254"), literal("100.100.100.200"), literal("192.0.0.192"), literal("fd00:ec2::254"));
    /** RFC 6052: an IPv6 address that leads to the IPv4 address in its last four bytes. */
    private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

    private StandardAddressFilter() {}

    @Override
    public @Nullable String refusal(Server server) {
        if (server.port() == SSH) {
            return "port " + SSH + " is no service to balance";
        }
        String host = server.host();
        boolean ipv6 = host.indexOf(':') >= 0;
        if (ipv6 || IPV4.matcher(host).matches()) {
            return refusal(literal(ipv6 ? withoutZone(host) : host));
        }
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return METADATA_NAMES.contains(name.toLowerCase(Locale.ROOT)) ? "the name of a metadata service" : null;
    }

    private static String withoutZone(String host) {
        int percent = host.indexOf('%');
        return percent < 0 ? host : host.substring(0, percent);
    }

    /** A literal is parsed; nothing is looked up. */
    private static InetAddress literal(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not a literal address: " + text, e);
        }
    }

    private static @Nullable String refusal(InetAddress address) {
        InetAddress inner = embedded(address);
        if (inner != null && !address.isAnyLocalAddress() && !address.isLoopbackAddress()) {
            return refusal(inner);
        }
        byte[] bytes = address.getAddress();
        if (METADATA.contains(address)) {
            return "the address of a metadata service";
        }
        if (address.isAnyLocalAddress() || (bytes.length == 4 && bytes[0] == 0)) {
            return "an unspecified address";
        }
        if (address.isLinkLocalAddress()) {
            return "a link-local address";
        }
        if (address.isMulticastAddress()) {
            return "a multicast address";
        }
        // 240.0.0.0/4 is reserved and 255.255.255.255 is broadcast.
        return bytes.length == 4 && (bytes[0] & 0xf0) == 0xf0 ? "a reserved or broadcast address" : null;
    }

    /** The IPv4 address that an IPv6 address stands for; the JDK has turned mapped ones into IPv4 already. */
    private static @Nullable InetAddress embedded(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 16) {
            return null;
        }
        byte[] prefix = Arrays.copyOf(bytes, 12);
        if (!Arrays.equals(prefix, NAT64) && !Arrays.equals(prefix, new byte[12])) {
            return null;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, 12, 16));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
