package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A call under way, and how it ends. */
class Running extends ClientCall.Listener<String> {
    final ClientCall<String, String> call;
    final List<String> messages = new CopyOnWriteArrayList<>();
    final CompletableFuture<Status> end = new CompletableFuture<>();

    Running(ClientCall<String, String> call) {
        this.call = call;
    }

    /** Begins a call, with metadata of names and values. */
    static Running begin(
            Channel channel, MethodDescriptor<String, String> method, CallOptions options, String... namesAndValues) {
        Running running = new Running(channel.newCall(method, options));
        running.call.start(running, Exchange.metadata(namesAndValues));
        running.call.request(Integer.MAX_VALUE);
        running.call.sendMessage("hello");
        if (method.getType().clientSendsOneMessage()) {
            running.call.halfClose();
        }
        return running;
    }

    @Override
    public void onMessage(String message) {
        messages.add(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        end.complete(status);
    }

    Status await() {
        try {
            return end.get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the call did not end", e);
        }
    }
}
