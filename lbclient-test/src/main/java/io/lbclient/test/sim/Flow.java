package io.lbclient.test.sim;

import io.lbclient.RequestView;
import org.jspecify.annotations.Nullable;

/** What the clients of one kind of traffic have in common during a run. */
final class Flow {
    final Traffic traffic;
    /** One client's share of the rate. */
    final double share;

    final RequestView[] views;
    final @Nullable Zipf zipf;
    final DelayLine timeouts;
    final Retrying retrying;
    final int timer;

    Flow(Traffic traffic, int timer) {
        this.traffic = traffic;
        this.timer = timer;
        this.share = 1.0 / traffic.clients;
        this.zipf = traffic.keys == 0 ? null : new Zipf(traffic.keys, traffic.zipf);
        this.retrying = new Retrying(traffic);
        this.timeouts = new DelayLine(traffic.timeoutNanos);
        this.views = new RequestView[traffic.keys];
        for (int i = 0; i < views.length; i++) {
            views[i] = new Keyed("/items/" + i);
        }
    }

    private record Keyed(String path) implements RequestView {}
}
