package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.RequestView;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which ids are remembered, and where.
 *
 * @param name tells these ids from others of the same text
 * @param ofRequest finds the id in a request
 * @param ofAnswer finds the id that a server sets
 * @param bindsAtPick whether an unknown id is bound when a server is picked for it, rather than when that answered
 * @param store where they are remembered
 */
record MemorySettings(
        String name,
        Function<? super RequestView, @Nullable String> ofRequest,
        Function<? super Affinity.Answer, @Nullable String> ofAnswer,
        boolean bindsAtPick,
        AffinityStore store) {}
