/** {@code ./demo resilience}: what retries, the budget, timeouts and hedging do against servers that fail in every way. */
@NullMarked
package io.lbclient.examples.resilience;

import org.jspecify.annotations.NullMarked;
