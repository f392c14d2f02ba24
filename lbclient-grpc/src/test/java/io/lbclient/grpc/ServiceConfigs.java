package io.lbclient.grpc;

import java.util.List;
import java.util.Map;

/** gRPC's own configuration of the test service. */
final class ServiceConfigs {
    private ServiceConfigs() {}

    private static Map<String, Object> forAll(String name, Map<String, Object> policy) {
        return Map.of("methodConfig", List.of(Map.of("name", List.of(Map.of("service", "test.Echo")), name, policy)));
    }

    static Map<String, Object> retrying(int attempts) {
        return forAll(
                "retryPolicy",
                Map.of(
                        "maxAttempts",
                        (double) attempts,
                        "initialBackoff",
                        "0.001s",
                        "maxBackoff",
                        "0.01s",
                        "backoffMultiplier",
                        2.0,
                        "retryableStatusCodes",
                        List.of("UNAVAILABLE", "UNKNOWN")));
    }

    static Map<String, Object> hedging(int attempts, String delay) {
        return forAll(
                "hedgingPolicy",
                Map.of(
                        "maxAttempts",
                        (double) attempts,
                        "hedgingDelay",
                        delay,
                        "nonFatalStatusCodes",
                        List.of("UNAVAILABLE", "UNKNOWN")));
    }
}
