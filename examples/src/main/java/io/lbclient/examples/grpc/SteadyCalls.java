package io.lbclient.examples.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Unary calls at a steady rate, whether or not the ones before have been answered. */
final class SteadyCalls {
    private static final long DEADLINE_SECONDS = 20;

    private final Channel channel;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    final LongAdder begun = new LongAdder();
    final LongAdder ended = new LongAdder();
    /** Failed while their answers were being received: such a call has been answered, and nobody may send it again. */
    final LongAdder cut = new LongAdder();

    final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    /** When each server answered last, on {@link System#nanoTime}. */
    private final Map<String, Long> lastAnswers = new ConcurrentHashMap<>();

    SteadyCalls(Channel channel, int rate) {
        this.channel = channel;
        var unused = clock.scheduleAtFixedRate(this::call, 0, TimeUnit.SECONDS.toNanos(1) / rate, TimeUnit.NANOSECONDS);
    }

    private void call() {
        begun.increment();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        Ending ending = new Ending();
        ClientCalls.asyncUnaryCall(noting(channel.newCall(Hello.METHOD, options), ending), "hello", ending);
    }

    /** Takes down how one call ends. */
    private final class Ending implements StreamObserver<String> {
        private volatile boolean answering;

        @Override
        public void onNext(String server) {
            lastAnswers.put(server, System.nanoTime());
        }

        @Override
        public void onError(Throwable failure) {
            if (answering) {
                cut.increment();
            } else {
                failures.computeIfAbsent(Status.fromThrowable(failure).toString(), any -> new LongAdder())
                        .increment();
            }
            ended.increment();
        }

        @Override
        public void onCompleted() {
            ended.increment();
        }
    }

    private static ClientCall<String, String> noting(ClientCall<String, String> call, Ending ending) {
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<String> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onHeaders(Metadata first) {
                                ending.answering = true;
                                super.onHeaders(first);
                            }
                        },
                        headers);
            }
        };
    }

    long failed() {
        return failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** Returns after how many milliseconds a server answered again; -1 if it did not for half a minute. */
    long awaitAnswerOf(String server, long since) throws InterruptedException {
        long patience = TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() - since < patience) {
            Long last = lastAnswers.get(server);
            if (last != null && last - since > 0) {
                return TimeUnit.NANOSECONDS.toMillis(last - since);
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return -1;
    }

    /** Begins no more calls, and returns when all have ended. */
    void end() throws InterruptedException {
        clock.shutdown();
        boolean unused = clock.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(2 * DEADLINE_SECONDS);
        while (ended.sum() < begun.sum() && System.nanoTime() - until < 0) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }
}
