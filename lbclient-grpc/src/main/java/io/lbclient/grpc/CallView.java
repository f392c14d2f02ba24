package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.lbclient.Affinity;
import io.lbclient.RequestView;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What strategies, rules and sessions see of a call. */
final class CallView implements RequestView {
    private final GrpcOptions options;
    private final MethodDescriptor<?, ?> method;
    private final CallOptions callOptions;
    private volatile @Nullable Metadata headers;
    private final @Nullable String authority;
    private final @Nullable String contextKey;
    private volatile Affinity.@Nullable LookedUp lookedUp;
    // Of the first pick, with what interceptors have added on the way; later ones differ in nothing that is read here.
    private volatile @Nullable PickSubchannelArgs args;

    CallView(
            GrpcOptions options,
            MethodDescriptor<?, ?> method,
            CallOptions callOptions,
            @Nullable String authority,
            @Nullable String contextKey) {
        this.options = options;
        this.method = method;
        this.callOptions = callOptions;
        this.authority = authority;
        this.contextKey = contextKey;
    }

    /** Returns this, once the headers are known. */
    CallView started(Metadata sent) {
        headers = sent;
        return this;
    }

    void picked(PickSubchannelArgs call) {
        if (args == null) {
            args = call;
        }
    }

    void lookedUp(Affinity.@Nullable LookedUp found) {
        lookedUp = found;
    }

    MethodDescriptor<?, ?> descriptor() {
        return method;
    }

    CallOptions callOptions() {
        PickSubchannelArgs call = args;
        return call == null ? callOptions : call.getCallOptions();
    }

    /** Null for a name that no entry in plain text can have. */
    static Metadata.@Nullable Key<String> asciiKey(String name) {
        try {
            return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private <T> @Nullable T header(Metadata.Key<T> key) {
        PickSubchannelArgs call = args;
        Metadata present = call == null ? headers : call.getHeaders();
        return present == null ? null : present.get(key);
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public String path() {
        return "/" + method.getFullMethodName();
    }

    @Override
    public String host() {
        String own = callOptions().getAuthority();
        String host = own == null ? authority : own;
        return host == null ? "" : host;
    }

    @Override
    public @Nullable String header(String name) {
        Metadata.Key<String> key = asciiKey(name);
        return key == null ? null : header(key);
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        return callOptions().getOption(GrpcLoadBalancing.CLIENT_ADDRESS);
    }

    @Override
    public <T> @Nullable T attribute(Class<T> type) {
        if (type == String.class) {
            return type.cast(key());
        }
        if (type == Affinity.LookedUp.class) {
            return type.cast(lookedUp);
        }
        if (type == MethodDescriptor.class) {
            return type.cast(method);
        }
        CallOptions own = callOptions();
        return type == CallOptions.class ? type.cast(own) : own.getOption(GrpcLoadBalancing.tag(type));
    }

    private @Nullable String key() {
        CallOptions own = callOptions();
        String key = own.getOption(GrpcLoadBalancing.AFFINITY);
        if (key == null && options.keyOption != null) {
            key = own.getOption(options.keyOption);
        }
        if (key == null) {
            key = contextKey;
        }
        if (key == null && options.keyHeader != null) {
            key = header(options.keyHeader);
        }
        return key;
    }

    /** The headers are left out: they hold secrets, and this is printed in logs. */
    @Override
    public String toString() {
        return path();
    }
}
