/** L4: sockets, channels and datagrams that reach a server of a pool, for every client that takes a socket factory. */
@NullMarked
package io.lbclient.net;

import org.jspecify.annotations.NullMarked;
