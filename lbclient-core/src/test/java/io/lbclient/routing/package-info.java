/** The tests of routing. */
@NullMarked
package io.lbclient.routing;

import org.jspecify.annotations.NullMarked;
