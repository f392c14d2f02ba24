package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.lbclient.Server;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * gRPC's health service, {@code grpc.health.v1.Health}: its two methods, and its two messages of one field each, so that
 * nobody needs generated code for them. A message is the service's name on the way there and a status on the way back.
 */
final class HealthService {
    static final MethodDescriptor<String, Integer> CHECK = method(MethodType.UNARY, "Check");
    static final MethodDescriptor<String, Integer> WATCH = method(MethodType.SERVER_STREAMING, "Watch");

    static final int SERVING = 1;
    private static final int FIELD_1_TEXT = (1 << 3) | 2;
    private static final int MOST_BYTES = 1024;

    private HealthService() {}

    private static MethodDescriptor<String, Integer> method(MethodType type, String name) {
        return MethodDescriptor.<String, Integer>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName("grpc.health.v1.Health", name))
                .setRequestMarshaller(Names.MARSHALLER)
                .setResponseMarshaller(Statuses.MARSHALLER)
                .build();
    }

    /** Channels to one server each, with names of their own where certificates are checked. */
    static Function<Server, ManagedChannelBuilder<?>> channels(ChannelCredentials credentials) {
        return server -> Grpc.newChannelBuilderForAddress(server.host(), server.port(), credentials);
    }

    static void ask(
            ManagedChannel channel,
            MethodDescriptor<String, Integer> method,
            String service,
            ClientCall.Listener<Integer> listener) {
        ClientCall<String, Integer> call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(listener, new Metadata());
        call.request(Integer.MAX_VALUE);
        call.sendMessage(service);
        call.halfClose();
    }

    static String nameOf(int status) {
        return switch (status) {
            case 0 -> "UNKNOWN";
            case SERVING -> "SERVING";
            case 2 -> "NOT_SERVING";
            case 3 -> "SERVICE_UNKNOWN";
            default -> "status " + status;
        };
    }

    private enum Names implements MethodDescriptor.Marshaller<String> {
        MARSHALLER;

        @Override
        public InputStream stream(String service) {
            byte[] name = service.getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            if (name.length > 0) {
                message.write(FIELD_1_TEXT);
                for (int rest = name.length; ; rest >>>= 7) {
                    message.write(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
                    if (rest <= 0x7f) {
                        break;
                    }
                }
                message.writeBytes(name);
            }
            return new ByteArrayInputStream(message.toByteArray());
        }

        @Override
        public String parse(InputStream stream) {
            throw new UnsupportedOperationException("only servers read this");
        }
    }

    private enum Statuses implements MethodDescriptor.Marshaller<Integer> {
        MARSHALLER;

        @Override
        public InputStream stream(Integer status) {
            throw new UnsupportedOperationException("only servers write this");
        }

        @Override
        public Integer parse(InputStream stream) {
            int[] status = {0};
            try {
                ProtoReader.read(ByteBuffer.wrap(stream.readNBytes(MOST_BYTES)), (number, value) -> {
                    if (number == 1) {
                        status[0] = (int) value.asNumber();
                    }
                });
            } catch (ProtoReader.Malformed e) {
                throw new IllegalArgumentException("not a health response", e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return status[0];
        }
    }
}
