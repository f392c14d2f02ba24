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
        double[] shares = Weights.shares(weights);
        for (int i = 0; i < shares.length; i++) {
            shares[i] = shares[i] > 0 ? 1 : 0;
        }
        return shares;
    }
}
