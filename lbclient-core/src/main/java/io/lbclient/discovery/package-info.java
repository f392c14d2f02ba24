/** Where servers come from, and which of them a pool uses. */
@NullMarked
package io.lbclient.discovery;

import org.jspecify.annotations.NullMarked;
