/** What users test with: a fake clock, fake servers, and a deterministic simulator of pools, servers and traffic. */
module io.lbclient.test {
    requires transitive io.lbclient.core;

    exports io.lbclient.test;
    exports io.lbclient.test.sim;
    exports io.lbclient.test.sim.scenario;
}
