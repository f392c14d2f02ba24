package io.lbclient.net;

import io.lbclient.Server;
import io.lbclient.ServerPool;
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

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : toClose) {
            resource.close();
        }
    }
}
