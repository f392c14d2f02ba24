@NullMarked
package io.lbclient.test.sim;

import org.jspecify.annotations.NullMarked;
