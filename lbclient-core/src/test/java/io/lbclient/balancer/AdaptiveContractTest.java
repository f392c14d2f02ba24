package io.lbclient.balancer;

import io.lbclient.Balancer;

/** The default strategy keeps what every strategy promises. It shares by weight only as its picks become attempts. */
class AdaptiveContractTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.adaptive();
    }

    @Override
    double[] shares(double[] weights) {
        return null;
    }
}
