/** Tells a person over a webhook what happens to the servers of a pool. */
module io.lbclient.notify {
    requires transitive io.lbclient.core;
    requires com.fasterxml.jackson.core;
    requires dev.failsafe.core;
    requires java.net.http;
    requires org.slf4j;

    exports io.lbclient.notify;
}
