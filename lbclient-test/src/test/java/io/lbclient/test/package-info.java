@NullMarked
package io.lbclient.test;

import org.jspecify.annotations.NullMarked;
