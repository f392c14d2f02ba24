/** Client-side load balancing: server pools, the strategies that pick from them, the health that decides whom, and
 * the routes that choose the pool. */
module io.lbclient.core {
    requires java.management;
    requires org.slf4j;
    requires transitive dev.failsafe.core;
    requires static transitive org.jspecify;

    exports io.lbclient;
    exports io.lbclient.balancer;
    exports io.lbclient.discovery;
    exports io.lbclient.health;
    exports io.lbclient.net;
    exports io.lbclient.retry;
    exports io.lbclient.routing;
    exports io.lbclient.session;
}
