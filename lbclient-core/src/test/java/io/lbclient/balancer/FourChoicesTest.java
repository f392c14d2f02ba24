package io.lbclient.balancer;

import io.lbclient.Balancer;

class FourChoicesTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.leastRequests(4);
    }
}
