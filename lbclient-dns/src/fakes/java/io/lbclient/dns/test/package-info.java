/** A DNS server in this process, for the tests of DNS discovery and for the demo. */
@NullMarked
package io.lbclient.dns.test;

import org.jspecify.annotations.NullMarked;
