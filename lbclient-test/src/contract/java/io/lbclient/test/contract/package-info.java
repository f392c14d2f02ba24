/** What every implementation of an extension point is held to, for the tests of all modules. */
@NullMarked
package io.lbclient.test.contract;

import org.jspecify.annotations.NullMarked;
