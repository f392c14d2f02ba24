package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One unary call with metadata, and all that came back. */
record Exchange(String server, Metadata headers, Metadata trailers) {
    static CallOptions patient() {
        return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    static Metadata metadata(String... namesAndValues) {
        Metadata metadata = new Metadata();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            metadata.put(key(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return metadata;
    }

    static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    static Exchange of(Channel channel, CallOptions options, String... namesAndValues) {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        Channel capturing = ClientInterceptors.intercept(
                channel,
                MetadataUtils.newAttachHeadersInterceptor(metadata(namesAndValues)),
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
        String server = ClientCalls.blockingUnaryCall(capturing, Backend.UNARY, options, "hello");
        return new Exchange(server, headers.get(), trailers.get());
    }

    static Exchange of(Channel channel, String... namesAndValues) {
        return of(channel, patient(), namesAndValues);
    }

    @Nullable String trailer(String name) {
        return trailers.get(key(name));
    }
}
