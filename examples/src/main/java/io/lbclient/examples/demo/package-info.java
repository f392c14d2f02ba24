/** The demo behind {@code ./demo}: real servers, real traffic, and what becomes of both when a server is lost. */
@NullMarked
package io.lbclient.examples.demo;

import org.jspecify.annotations.NullMarked;
