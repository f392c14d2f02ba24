/** What an application adds to the library: a strategy, a detector, a source and an adapter of its own, each in one file. */
@NullMarked
package io.lbclient.examples.extend;

import org.jspecify.annotations.NullMarked;
