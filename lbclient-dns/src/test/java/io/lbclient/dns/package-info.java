@NullMarked
package io.lbclient.dns;

import org.jspecify.annotations.NullMarked;
