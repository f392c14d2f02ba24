package io.lbclient.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.discovery.GuardedDiscovery;
import io.lbclient.test.contract.Watched;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ZooKeeper process is killed under traffic. Longer with -Dlbclient.outage=30. */
class ZooKeeperKilledTest {
    @TempDir
    private Path folder;

    @Test
    @DisplayName(
            "ZooKeeper is killed with SIGKILL under traffic and started again: no pick fails, and updates flow again")
    void nobodyNoticesThatZooKeeperIsKilled() throws Exception {
        try (ZooKeeperProcess zooKeeper = new ZooKeeperProcess(folder)) {
            zooKeeper.start();
            try (Registrar registrar = new Registrar(zooKeeper.address());
                    CuratorFramework client = Registrar.client(zooKeeper.address())) {
                List<Server> three = List.of(server(1), server(2), server(3));
                registrar.put(three);
                GuardedDiscovery source = ZooKeeperDiscovery.of(client, Registrar.BASE, Registrar.SERVICE)
                        .build();
                try (Watched watched = new Watched(source)) {
                    watched.await(list -> list.size() == 3);
                    zooKeeper.kill();
                    assertThat(watched.failedInOutage()).isZero();
                    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
                    while (!source.status().get(0).failing()) {
                        assertThat(System.nanoTime()).as("it was noticed").isLessThan(end);
                        watched.failedAfter(100);
                    }
                    assertThat(watched.failedAfter(1_000)).isZero();
                    assertThat(watched.servers()).hasSize(3);

                    zooKeeper.start();
                    registrar.put(List.of(server(1), server(2), server(3), server(4)));
                    Duration took = watched.await(list -> list.size() == 4);
                    assertThat(watched.failed()).isZero();
                    System.out.printf(
                            "killed with SIGKILL and started again: %d picks, 0 failed; the next update reached the"
                                    + " picks after %d ms%n",
                            watched.picks(), took.toMillis());
                }
            }
        }
    }

    @Test
    void aPoolThatStartsBeforeZooKeeperGetsItsServersLater() throws Exception {
        try (ZooKeeperProcess zooKeeper = new ZooKeeperProcess(folder);
                CuratorFramework client =
                        CuratorFrameworkFactory.newClient(zooKeeper.address(), 10_000, 500, new RetryOneTime(100))) {
            client.start();
            GuardedDiscovery source = ZooKeeperDiscovery.of(client, Registrar.BASE, Registrar.SERVICE)
                    .build();
            try (ServerPool pool = ServerPool.builder("orders")
                    .discovery(source)
                    .startUpWait(Duration.ofMillis(100))
                    .build()) {
                assertThat(pool.snapshot().servers()).isEmpty();
                CountDownLatch added = new CountDownLatch(1);
                pool.addListener(new PoolListener() {
                    @Override
                    public void serverAdded(String name, Server server) {
                        added.countDown();
                    }
                });
                zooKeeper.start();
                try (Registrar registrar = new Registrar(zooKeeper.address())) {
                    registrar.put(List.of(server(1)));
                    assertThat(added.await(60, TimeUnit.SECONDS)).isTrue();
                }
            }
        }
    }

    private static Server server(int number) {
        return Server.of("127.0.0." + number, 8080);
    }
}
