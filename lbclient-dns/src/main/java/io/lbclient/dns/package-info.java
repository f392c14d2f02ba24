/** Servers from DNS. Begin at {@link io.lbclient.dns.DnsDiscovery}. */
@NullMarked
package io.lbclient.dns;

import org.jspecify.annotations.NullMarked;
