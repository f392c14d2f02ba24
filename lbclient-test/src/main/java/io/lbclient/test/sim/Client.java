package io.lbclient.test.sim;

import io.lbclient.RequestView;
import io.lbclient.ServerPool;

/** One client: its pool, and when it sends its next request. */
final class Client {
    final Flow flow;
    final ServerPool pool;
    private final long seed;
    private final Stream gaps;
    private final int timer;
    private long requests;

    Client(Flow flow, ServerPool pool, long seed, int timer) {
        this.flow = flow;
        this.pool = pool;
        this.seed = seed;
        this.gaps = new Stream(seed);
        this.timer = timer;
    }

    int timer() {
        return timer;
    }

    long firstArrival() {
        return flow.traffic.rate.after(0, flow.traffic.even ? gaps.nextDouble() : gaps.nextExponential(), flow.share);
    }

    long nextArrival(long now) {
        return flow.traffic.rate.after(now, flow.traffic.even ? 1 : gaps.nextExponential(), flow.share);
    }

    /** The seed of everything that is drawn for the next request. */
    long nextRequest() {
        return Stream.seed(seed, Engine.REQUESTS, requests++);
    }

    RequestView view(int key) {
        return key < 0 ? RequestView.EMPTY : flow.views[key];
    }
}
