package io.lbclient.zookeeper;

import io.lbclient.Server;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.curator.x.discovery.ServiceInstance;
import org.jspecify.annotations.Nullable;

/** How registered instances become servers, in the order of their ids. */
record Instances(boolean tls) {
    /** Those that cannot be servers are refused, with the reason. */
    List<Server> servers(Collection<ServiceInstance<Payload>> instances, BiConsumer<String, String> refused) {
        Map<String, Server> byId = new TreeMap<>();
        instances.stream()
                .sorted(Comparator.comparingLong(ServiceInstance::getRegistrationTimeUTC))
                .filter(ServiceInstance::isEnabled)
                .forEach(instance -> {
                    Server server = server(instance, refused);
                    if (server != null) {
                        byId.put(server.id(), server);
                    }
                });
        return List.copyOf(byId.values());
    }

    private @Nullable Server server(ServiceInstance<Payload> instance, BiConsumer<String, String> refused) {
        try {
            Payload payload = instance.getPayload();
            if (!payload.broken().isEmpty()) {
                throw new IllegalArgumentException(payload.broken());
            }
            Server server = Server.of(instance.getAddress(), tls ? instance.getSslPort() : instance.getPort());
            for (Map.Entry<String, String> fact : payload.facts().entrySet()) {
                server = with(server, fact.getKey(), fact.getValue());
            }
            return server;
        } catch (RuntimeException e) {
            refused.accept("instance " + instance.getId(), String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static Server with(Server server, String key, String value) {
        return switch (key) {
            case "weight" -> server.withWeight(Double.parseDouble(value));
            case "zone" -> server.withZone(value);
            case "tier" -> server.withTier(Integer.parseInt(value));
            default -> server.withTag(key, value);
        };
    }
}
