/**
 * What a request gets beyond its first attempt, and what holds that back: budgets, hedging, per-try timeouts, limits on
 * what is in flight to each server, and the queue for when all are full. Retry policies, back-off and fallbacks are
 * Failsafe's.
 */
@NullMarked
package io.lbclient.retry;

import org.jspecify.annotations.NullMarked;
