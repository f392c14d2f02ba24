package io.lbclient.net;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Keeps what a test opened, to close it the other way round, and how its attempts ended. */
abstract class Opened {
    private final List<AutoCloseable> toClose = new ArrayList<>();
    final Lab.Endings endings = new Lab.Endings();

    <T extends AutoCloseable> T closing(T resource) {
        toClose.add(0, resource);
        return resource;
    }

    /** A pool that picks in order, whose endings are noted. */
    ServerPool watched(Server... servers) {
        return closing(Lab.builder(servers)
                .balancer(Lab.IN_ORDER)
                .healthMonitors(endings)
                .build());
    }

    ServerPool inOrder(Server... servers) {
        return closing(Lab.inOrder(servers));
    }

    EchoServer echo() throws IOException {
        return closing(new EchoServer());
    }

    Server refusing() throws IOException {
        return closing(new RefusingServer()).server();
    }

    BalancedSocketFactory factory(ServerPool pool) {
        return closing(patient(pool).build());
    }

    /** Goes on to the next server when one has failed, and not before, however long this machine stands still. */
    static BalancedSocketFactory.Builder patient(ServerPool pool) {
        return BalancedSocketFactory.builder(pool).startDelay(Lab.PATIENCE);
    }

    /** Goes on to the next server soon, and gives up never. */
    BalancedSocketFactory impatient(ServerPool pool) {
        return closing(BalancedSocketFactory.builder(pool)
                .startDelay(Duration.ofMillis(20))
                .connectTimeout(Lab.PATIENCE.multipliedBy(10))
                .build());
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : toClose) {
            resource.close();
        }
    }
}
