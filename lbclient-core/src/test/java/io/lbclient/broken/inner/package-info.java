/** The other half of a cycle. */
@NullMarked
package io.lbclient.broken.inner;

import org.jspecify.annotations.NullMarked;
