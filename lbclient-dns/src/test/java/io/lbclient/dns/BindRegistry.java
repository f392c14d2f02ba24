package io.lbclient.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.test.contract.FreePort;
import io.lbclient.test.contract.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import org.xbill.DNS.Update;

/** SRV and A records in BIND, changed while it runs, with a TTL of one second. */
final class BindRegistry implements Registry {
    static final String ZONE = "orders.test.";
    private static final String SERVICE = "_http._tcp.orders.test.";
    private static final Name ZONE_NAME = Name.fromConstantString(ZONE);

    private final Path folder;
    private final Daemon named;
    private final ServerDiscovery source;

    BindRegistry() throws IOException {
        String program = Daemon.program("named");
        folder = Files.createTempDirectory("bind");
        int port = FreePort.find();
        Files.writeString(folder.resolve("zone"), """
                $TTL 1
                @ IN SOA ns.orders.test. me.orders.test. 1 60 60 60 1
                @ IN NS ns.orders.test.
                ns IN A 127.0.0.1
                """);
        Files.writeString(folder.resolve("named.conf"), """
                options { directory "%1$s"; listen-on port %2$d { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none;
                  session-keyfile "%1$s/session.key"; recursion no; dnssec-validation no; };
                controls { };
                zone "orders.test" { type master; file "%1$s/zone"; allow-update { 127.0.0.1; }; };
                """.formatted(folder, port));
        named = Daemon.start(
                folder.resolve("log"),
                port,
                ZONE,
                program,
                "-g",
                "-n",
                "1",
                "-c",
                folder.resolve("named.conf").toString());
        source = DnsDiscovery.services(SERVICE)
                .resolvers(named.address())
                .timeout(Duration.ofSeconds(5), 1)
                .interval(Duration.ofMillis(50), Duration.ofSeconds(1))
                .build();
    }

    @Override
    public ServerDiscovery source() {
        return source;
    }

    @Override
    public void put(List<Server> servers) throws IOException {
        Update update = new Update(ZONE_NAME);
        Name service = Name.fromConstantString(SERVICE);
        update.delete(service, Type.SRV);
        for (Server server : servers) {
            Name target = Name.fromConstantString(ServiceRegistry.target(server));
            update.replace(target, Type.A, 1, server.host());
            update.add(service, Type.SRV, 1, ServiceRegistry.record(server));
        }
        SimpleResolver resolver = new SimpleResolver(named.address());
        resolver.setTCP(true);
        // It writes its journal to the disk before it answers.
        resolver.setTimeout(Duration.ofSeconds(60));
        Message answer = resolver.send(update);
        assertThat(Rcode.string(answer.getRcode())).isEqualTo("NOERROR");
    }

    @Override
    public void stop() throws InterruptedException {
        named.kill();
    }

    @Override
    public void start() throws IOException {
        named.start(ZONE);
    }

    @Override
    public boolean says(Fact fact) {
        return fact != Fact.ZONE;
    }

    @Override
    public void close() throws Exception {
        named.close();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
