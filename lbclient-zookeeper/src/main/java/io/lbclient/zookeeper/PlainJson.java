package io.lbclient.zookeeper;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceType;
import org.apache.curator.x.discovery.details.InstanceSerializer;

/**
 * Reads what Curator's own serializer writes, without loading the class that it names: whoever may write into the registry
 * may not decide which code runs here.
 *
 * <p>It never throws, for one broken node would end Curator's cache of all of them.
 */
final class PlainJson implements InstanceSerializer<Payload> {
    private static final int MAX_DEPTH = 20;
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build());

    @Override
    public ServiceInstance<Payload> deserialize(byte[] bytes) {
        try {
            JsonNode node = JSON.readTree(bytes);
            if (node == null || !node.isObject()) {
                return broken("not a JSON object");
            }
            return new ServiceInstance<>(
                    node.path("name").asText("unnamed"),
                    node.path("id").asText("unnamed"),
                    node.path("address").asText(""),
                    port(node.path("port")),
                    port(node.path("sslPort")),
                    new Payload(facts(node.path("payload")), ""),
                    node.path("registrationTimeUTC").asLong(0),
                    ServiceType.DYNAMIC,
                    null,
                    node.path("enabled").asBoolean(true));
        } catch (IOException | RuntimeException e) {
            return broken(e.toString());
        }
    }

    /** Curator takes no missing port as a number; zero is none. */
    private static Integer port(JsonNode node) {
        return node.isInt() ? node.intValue() : 0;
    }

    private static ServiceInstance<Payload> broken(String why) {
        return new ServiceInstance<>(
                "broken", "broken", "", 0, 0, new Payload(Map.of(), why), 0, ServiceType.DYNAMIC, null, true);
    }

    private static Map<String, String> facts(JsonNode payload) {
        Map<String, String> facts = new LinkedHashMap<>();
        payload.fields().forEachRemaining(field -> {
            boolean plain = field.getValue().isValueNode() && !field.getValue().isNull();
            if (plain && !field.getKey().startsWith("@")) {
                facts.put(field.getKey(), field.getValue().asText());
            }
        });
        return facts;
    }

    @Override
    public byte[] serialize(ServiceInstance<Payload> instance) {
        throw new UnsupportedOperationException("this side only reads");
    }
}
