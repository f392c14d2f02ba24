/** Tests of the monitors. */
@NullMarked
package io.lbclient.health;

import org.jspecify.annotations.NullMarked;
