package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MembershipTest {
    @Test
    void threeServersShareTheCallsEvenly() {
        try (Cluster cluster = Cluster.turns(3)) {
            cluster.awaitAnswersOf("a", "b", "c");
            assertThat(cluster.calls(300))
                    .containsOnlyKeys("a", "b", "c")
                    .allSatisfy((name, calls) -> assertThat(calls).isEqualTo(100));
            assertThat(cluster.inFlight()).isZero();
        }
    }
}
