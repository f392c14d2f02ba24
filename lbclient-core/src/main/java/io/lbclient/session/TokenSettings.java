package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.RequestView;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a pool's tokens travel.
 *
 * @param carrier how an adapter hands on a new one; null if only a {@link SessionCarrier} gets it
 * @param name the cookie's or the header's name; empty without a carrier
 * @param reader finds the token in a request
 * @param keys what they are signed with
 */
record TokenSettings(
        Affinity.@Nullable Carrier carrier,
        String name,
        Function<? super RequestView, @Nullable String> reader,
        TokenKeys keys) {}
