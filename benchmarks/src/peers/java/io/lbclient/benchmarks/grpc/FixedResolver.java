package io.lbclient.benchmarks.grpc;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds servers of the loopback whose ports are the target: {@code fixed:///4711,4712}. */
final class FixedResolver extends NameResolver {
    private static final String SCHEME = "fixed";
    private final List<EquivalentAddressGroup> addresses;

    private FixedResolver(String ports) {
        addresses = Arrays.stream(ports.split(",", -1))
                .map(port -> new EquivalentAddressGroup(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port))))
                .toList();
    }

    static String target(List<Backend> backends) {
        return backends.stream()
                .map(backend -> Integer.toString(backend.port()))
                .collect(Collectors.joining(",", SCHEME + ":///", ""));
    }

    @Override
    public String getServiceAuthority() {
        return "orders";
    }

    @Override
    public void start(Listener2 listener) {
        listener.onResult(ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromValue(addresses))
                .build());
    }

    @Override
    public void shutdown() {}

    /** For gRPC's registry. */
    static final class Provider extends NameResolverProvider {
        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }

        @Override
        public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return SCHEME.equals(target.getScheme())
                    ? new FixedResolver(target.getPath().substring(1))
                    : null;
        }
    }
}
