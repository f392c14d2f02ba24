@NullMarked
package io.lbclient.zookeeper;

import org.jspecify.annotations.NullMarked;
