/** The rules of the design that the compiler does not hold. */
@NullMarked
package io.lbclient.architecture;

import org.jspecify.annotations.NullMarked;
