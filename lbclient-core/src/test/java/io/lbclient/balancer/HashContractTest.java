package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.RequestView;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Every hashing strategy keeps the contract, with requests of many keys, and without any. */
@ParameterizedClass
@EnumSource(HashContractTest.Strategy.class)
class HashContractTest extends BalancerContractTest {
    private static final String[] KEYS = new String[1024];

    static {
        for (int i = 0; i < KEYS.length; i++) {
            KEYS[i] = "key" + i;
        }
    }

    enum Strategy {
        RING_HASH(Balancers.ringHash(HashContractTest::read), null),
        RING_HASH_WITH_FIXED_ENTRIES(Balancers.ringHash(HashContractTest::read).entriesPerServer(10), null),
        RING_HASH_WITH_BOUNDED_LOAD(Balancers.ringHash(HashContractTest::read).boundedLoad(1.25), null),
        KETAMA(Balancers.ketama(HashContractTest::read), null),
        NGINX_CONSISTENT_HASH(Balancers.nginxConsistentHash(HashContractTest::read), null),
        NGINX_HASH(Balancers.nginxHash(HashContractTest::read), null),
        /** The requests have no address, so this is the way of those without a key. */
        IP_HASH_WITHOUT_AN_ADDRESS(Balancers.ipHash(), Weights::shares),
        /** Not with the default size of 65 537: the contract builds hundreds of tables. */
        MAGLEV(Balancers.maglev(HashContractTest::read).tableSize(20_011), Weights::shares),
        RENDEZVOUS(Balancers.rendezvous(HashContractTest::read), Weights::shares),
        RENDEZVOUS_WITHOUT_A_KEY(Balancers.rendezvous(request -> null), Weights::shares),
        JUMP_HASH(Balancers.jumpHash(HashContractTest::read), BalancerContractTest::ignoringWeights);

        private final Balancer balancer;
        /** Null for points on a ring, whose shares are off by more than chance: their accuracy has tests of its own. */
        private final @Nullable UnaryOperator<double[]> shares;

        Strategy(HashBalancerBuilder settings, @Nullable UnaryOperator<double[]> shares) {
            this.balancer = settings.build();
            this.shares = shares;
        }
    }

    private final Strategy strategy;

    HashContractTest(Strategy strategy) {
        this.strategy = strategy;
    }

    private static @Nullable Object read(RequestView request) {
        return request instanceof Keys.Keyed keyed ? keyed.key() : request.header("key");
    }

    @Override
    Balancer balancer() {
        return strategy.balancer;
    }

    @Override
    Balancer soonBuilt() {
        return strategy == Strategy.MAGLEV
                ? Balancers.maglev(HashContractTest::read).tableSize(1_009).build()
                : balancer();
    }

    /** Some rings of so many servers have millions of points. */
    @Override
    Set<Pattern> crowds() {
        return strategy == Strategy.KETAMA || strategy == Strategy.NGINX_CONSISTENT_HASH
                ? EnumSet.of(Pattern.ONE_ZERO, Pattern.TINY_AND_HUGE)
                : super.crowds();
    }

    @Override
    double @Nullable [] shares(double[] weights) {
        return strategy.shares == null ? null : strategy.shares.apply(weights);
    }

    /** Not read from the contract's own requests, which make their text at each call: the pick itself is measured. */
    @Override
    void prepare(Lab lab, int pick) {
        String key = pick < KEYS.length ? KEYS[pick] : "key" + pick;
        lab.request(Keys.request(key));
    }
}
