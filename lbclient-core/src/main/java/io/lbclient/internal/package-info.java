/** What the packages of the core share and no user needs: not exported. */
@NullMarked
package io.lbclient.internal;

import org.jspecify.annotations.NullMarked;
