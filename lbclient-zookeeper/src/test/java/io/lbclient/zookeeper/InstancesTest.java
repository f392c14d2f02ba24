package io.lbclient.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What nodes become, those that are broken or hostile included. */
class InstancesTest {
    private final List<String> refused = new ArrayList<>();

    private List<Server> servers(boolean tls, String... nodes) {
        PlainJson json = new PlainJson();
        return new Instances(tls)
                .servers(
                        Arrays.stream(nodes)
                                .map(node -> json.deserialize(node.getBytes(StandardCharsets.UTF_8)))
                                .toList(),
                        this::refuse);
    }

    private void refuse(String entry, String reason) {
        refused.add(entry + ": " + reason);
    }

    @Test
    void thePayloadIsWeightZoneTierAndTags() {
        assertThat(servers(false, """
                        {"name":"orders","id":"1","address":"10.0.0.1","port":80,"sslPort":443,"registrationTimeUTC":5,
                         "payload":{"@class":"java.util.HashMap","weight":2.5,"zone":"a","tier":1,"version":"7",
                         "canary":true,"nested":{"x":1},"nothing":null},"serviceType":"DYNAMIC","uriSpec":null}
                        """))
                .containsExactly(Server.of("10.0.0.1", 80)
                        .withWeight(2.5)
                        .withZone("a")
                        .withTier(1)
                        .withTag("version", "7")
                        .withTag("canary", "true"));
        assertThat(servers(true, "{\"address\":\"10.0.0.1\",\"port\":80,\"sslPort\":443}"))
                .containsExactly(Server.of("10.0.0.1", 443));
        assertThat(refused).isEmpty();
    }

    @Test
    void whatIsDisabledIsLeftOutAndOfTwoAtOneAddressTheYoungerCounts() {
        assertThat(servers(
                        false,
                        "{\"address\":\"a\",\"port\":1,\"registrationTimeUTC\":2,\"payload\":{\"weight\":2}}",
                        "{\"address\":\"a\",\"port\":1,\"registrationTimeUTC\":1,\"payload\":{\"weight\":9}}",
                        "{\"address\":\"b\",\"port\":1,\"enabled\":false}"))
                .containsExactly(Server.of("a", 1).withWeight(2));
    }

    @Test
    @DisplayName(
            "I7, I22: nodes that are broken are left out one by one, with the reason, and no class is loaded for them")
    void incidentI7IncidentI22BrokenNodesAreLeftOutOneByOne() {
        assertThat(servers(
                        false,
                        "",
                        "null",
                        "[]",
                        "{",
                        "{}",
                        "{\"address\":\"a\"}",
                        "{\"address\":\"a\",\"port\":\"80\"}",
                        "{\"address\":\"a\",\"port\":99999999999}",
                        "{\"address\":\"a b\",\"port\":80}",
                        "{\"address\":\"a\",\"port\":80,\"payload\":{\"weight\":\"x\"}}",
                        "{\"address\":\"a\",\"port\":80,\"payload\":" + "[".repeat(10_000),
                        "{\"address\":\"good\",\"port\":80,\"payload\":{\"@class\":\"no.such.Class\"},\"more\":1}"))
                .containsExactly(Server.of("good", 80));
        assertThat(refused).hasSize(11);
    }

    @Test
    @DisplayName("I22: whatever bytes a node has, reading it throws nothing")
    void incidentI22AnyBytesAreRead() {
        Random random = new Random(9);
        byte[] good = "{\"address\":\"a\",\"port\":80,\"payload\":{\"weight\":2,\"zone\":\"b\"}}"
                .getBytes(StandardCharsets.UTF_8);
        PlainJson json = new PlainJson();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length) + 1);
            for (int change = random.nextInt(5); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            new Instances(false).servers(List.of(json.deserialize(bytes)), this::refuse);
        }
        assertThat(refused).isNotEmpty();
    }

    @Test
    void badSettingsAreRefusedWhereTheyAreGiven() {
        try (CuratorFramework client = CuratorFrameworkFactory.newClient("127.0.0.1:1", new RetryOneTime(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ZooKeeperDiscovery.of(client, "services", "orders"))
                    .withMessageStartingWith("basePath: services");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ZooKeeperDiscovery.of(client, "/services", "a/b"))
                    .withMessageStartingWith("service: a/b");
        }
    }

    /** The first line stands in docs/discovery.md. */
    @Test
    void aSourceTellsWhereItsServersAreFrom() {
        try (CuratorFramework client = CuratorFrameworkFactory.newClient("127.0.0.1:1", new RetryOneTime(1))) {
            ServerDiscovery registered =
                    ZooKeeperDiscovery.of(client, "/services", "orders").build();

            assertThat(registered).asString().contains("ZooKeeper /services/orders");
        }
    }
}
