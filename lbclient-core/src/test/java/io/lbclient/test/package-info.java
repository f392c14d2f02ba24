/** What tests of code that uses a pool need: a clock that stands still, and a scheduler that runs by it. */
@NullMarked
package io.lbclient.test;

import org.jspecify.annotations.NullMarked;
