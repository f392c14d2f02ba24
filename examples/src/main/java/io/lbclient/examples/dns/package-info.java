/** Servers that come from DNS, while records change and resolvers die: {@code ./demo dns}. */
@NullMarked
package io.lbclient.examples.dns;

import org.jspecify.annotations.NullMarked;
