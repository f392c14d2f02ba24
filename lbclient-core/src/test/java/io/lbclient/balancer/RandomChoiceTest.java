package io.lbclient.balancer;

import io.lbclient.Balancer;

class RandomChoiceTest extends BalancerContractTest {
    @Override
    Balancer balancer() {
        return Balancers.random();
    }

    @Override
    int mostDraws(int servers) {
        return 1;
    }

    @Override
    double[] shares(double[] weights) {
        return ignoringWeights(weights);
    }
}
