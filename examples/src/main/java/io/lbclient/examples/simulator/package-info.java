/** Tries strategies and settings on one's own servers and traffic, before anything is deployed. */
@NullMarked
package io.lbclient.examples.simulator;

import org.jspecify.annotations.NullMarked;
