/** {@code ./demo routing}: one client, one logical host, and rules that choose among pools of real server processes. */
@NullMarked
package io.lbclient.examples.routing;

import org.jspecify.annotations.NullMarked;
