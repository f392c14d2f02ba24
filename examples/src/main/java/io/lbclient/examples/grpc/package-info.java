/** {@code ./demo grpc}: gRPC servers are killed and restarted under load, and the client's calls go on. */
@NullMarked
package io.lbclient.examples.grpc;

import org.jspecify.annotations.NullMarked;
