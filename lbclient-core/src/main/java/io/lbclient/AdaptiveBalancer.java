package io.lbclient;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The default strategy; how it picks, and why so, is in {@link AdaptivePicker}. */
final class AdaptiveBalancer implements Balancer {
    static final AdaptiveBalancer INSTANCE = new AdaptiveBalancer();

    private AdaptiveBalancer() {}

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        return new AdaptivePicker(candidates, previous);
    }
}
