/** Breaks every rule of the house once, to show that each of them is held. */
@NullMarked
package io.lbclient.broken;

import org.jspecify.annotations.NullMarked;
