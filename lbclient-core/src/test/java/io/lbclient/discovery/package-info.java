@NullMarked
package io.lbclient.discovery;

import org.jspecify.annotations.NullMarked;
