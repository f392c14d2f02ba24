/** The gRPC policy side by side with those that grpc-java brings; built with the profile {@code peers}. */
@NullMarked
package io.lbclient.benchmarks.grpc;

import org.jspecify.annotations.NullMarked;
