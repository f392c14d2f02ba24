package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.RequestView;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** Every hashing strategy keeps the contract, with requests of many keys, and without any. */
class HashContractTest {
    private static final String[] KEYS = new String[1024];

    static {
        for (int i = 0; i < KEYS.length; i++) {
            KEYS[i] = "key" + i;
        }
    }

    abstract static class Contract extends BalancerContractTest {
        /** Not read from the contract's own requests, which make their text at each call: the pick itself is measured. */
        @Override
        void prepare(Lab lab, int pick) {
            String key = pick < KEYS.length ? KEYS[pick] : "key" + pick;
            lab.request(Keys.request(key));
        }

        static @Nullable Object read(RequestView request) {
            return request instanceof Keys.Keyed keyed ? keyed.key() : request.header("key");
        }

        /** Points on a ring make shares that are off by more than chance: their accuracy has tests of its own. */
        @Override
        double @Nullable [] shares(double[] weights) {
            return null;
        }
    }

    @Nested
    class RingHash extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.ringHash(Contract::read).build();
        }
    }

    @Nested
    class RingHashWithFixedEntries extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.ringHash(Contract::read).entriesPerServer(10).build();
        }
    }

    @Nested
    class RingHashWithBoundedLoad extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.ringHash(Contract::read).boundedLoad(1.25).build();
        }
    }

    @Nested
    class Ketama extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.ketama(Contract::read).build();
        }

        /** A ring of so many servers has millions of points. */
        @Override
        Set<Pattern> crowds() {
            return EnumSet.of(Pattern.ONE_ZERO, Pattern.TINY_AND_HUGE);
        }
    }

    @Nested
    class NginxConsistentHash extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.nginxConsistentHash(Contract::read).build();
        }

        /** A ring of so many servers has millions of points. */
        @Override
        Set<Pattern> crowds() {
            return EnumSet.of(Pattern.ONE_ZERO, Pattern.TINY_AND_HUGE);
        }
    }

    @Nested
    class NginxHash extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.nginxHash(Contract::read).build();
        }
    }

    /** The requests have no address, so this is the way of those without a key. */
    @Nested
    class IpHashWithoutAnAddress extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.ipHash().build();
        }

        @Override
        double[] shares(double[] weights) {
            return Weights.shares(weights);
        }
    }

    @Nested
    class Maglev extends Contract {
        @Override
        Balancer balancer() {
            // Not the default of 65 537: the contract builds hundreds of tables.
            return Balancers.maglev(Contract::read).tableSize(20_011).build();
        }

        @Override
        Balancer soonBuilt() {
            return Balancers.maglev(Contract::read).tableSize(1_009).build();
        }

        @Override
        double[] shares(double[] weights) {
            return Weights.shares(weights);
        }
    }

    @Nested
    class Rendezvous extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.rendezvous(Contract::read).build();
        }

        @Override
        double[] shares(double[] weights) {
            return Weights.shares(weights);
        }
    }

    @Nested
    class RendezvousWithoutAKey extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.rendezvous(request -> null).build();
        }

        @Override
        double[] shares(double[] weights) {
            return Weights.shares(weights);
        }
    }

    @Nested
    class JumpHash extends Contract {
        @Override
        Balancer balancer() {
            return Balancers.jumpHash(Contract::read).build();
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
}
