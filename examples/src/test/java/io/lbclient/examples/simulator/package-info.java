@NullMarked
package io.lbclient.examples.simulator;

import org.jspecify.annotations.NullMarked;
