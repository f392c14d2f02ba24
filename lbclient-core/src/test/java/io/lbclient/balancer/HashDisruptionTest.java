package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server that leaves moves: its own keys, and with some placements a few of the others. */
class HashDisruptionTest {
    private static final int KEYS = 100_000;
    private static final int N = 10;

    /** The members of the ring family, and those that are used like it. */
    enum Placing {
        RING_HASH {
            @Override
            HashBalancerBuilder settings() {
                return Balancers.ringHash(Keys.KEY);
            }
        },
        RING_HASH_FIXED_ENTRIES {
            @Override
            HashBalancerBuilder settings() {
                return Balancers.ringHash(Keys.KEY).entriesPerServer(160);
            }
        },
        NGINX_CONSISTENT {
            @Override
            HashBalancerBuilder settings() {
                return Balancers.nginxConsistentHash(Keys.KEY);
            }
        },
        KETAMA {
            @Override
            HashBalancerBuilder settings() {
                return Balancers.ketama(Keys.KEY);
            }
        },
        RENDEZVOUS {
            @Override
            HashBalancerBuilder settings() {
                return Balancers.rendezvous(Keys.KEY);
            }
        },
        MAGLEV {
            @Override
            HashBalancerBuilder settings() {
                return Balancers.maglev(Keys.KEY);
            }
        };

        abstract HashBalancerBuilder settings();
    }

    private static Candidate[] picks(Balancer.Picker picker) {
        Candidate[] picks = new Candidate[KEYS];
        Keys.Pick pick = new Keys.Pick();
        for (int i = 0; i < KEYS; i++) {
            picks[i] = picker.pick(pick.of("key" + i));
        }
        return picks;
    }

    /**
     * One of ten leaves: at most its share and a tenth of all keys move (a seventh with Envoy's ring), and between those that stay no more than is said
     * here. Rings whose size is fixed by the number of servers and the least weight, Envoy's and weighted ketama, deal out
     * their points anew; Maglev fills its table anew.
     */
    @ParameterizedTest
    @CsvSource({
        "RING_HASH, false, 0.09",
        "RING_HASH, true, 0.12",
        "RING_HASH_FIXED_ENTRIES, false, 0",
        "RING_HASH_FIXED_ENTRIES, true, 0",
        "NGINX_CONSISTENT, false, 0",
        "NGINX_CONSISTENT, true, 0",
        "KETAMA, false, 0",
        "KETAMA, true, 0.06",
        "RENDEZVOUS, false, 0",
        "RENDEZVOUS, true, 0",
        "MAGLEV, false, 0.005",
        "MAGLEV, true, 0.01"
    })
    void oneOfTenLeaves(Placing placing, boolean weighted, double mostBetweenSurvivors) {
        double[] weights = new double[N];
        Arrays.setAll(weights, i -> weighted ? 1 + i % 4 : 1);
        double total = Arrays.stream(weights).sum();
        List<Server> servers =
                Keys.servers(N, i -> Server.of("10.1.0." + i, 8080).withWeight(weights[i]));
        List<Candidate> all = Keys.candidates(servers);
        Balancer balancer = placing.settings().build();
        Candidate[] before = picks(balancer.picker(all, null));
        double worst = 0;
        for (int gone = 0; gone < N; gone++) {
            List<Candidate> rest = new ArrayList<>(all);
            rest.remove(gone);
            Candidate[] after = picks(balancer.picker(rest, null));
            int moved = 0;
            int between = 0;
            for (int i = 0; i < KEYS; i++) {
                if (before[i] != after[i]) {
                    moved++;
                    between += before[i] == all.get(gone) ? 0 : 1;
                }
            }
            worst = Math.max(worst, (double) between / KEYS);
            assertThat((double) moved / KEYS)
                    .as("moved by server %d", gone)
                    .isBetween(
                            0.6 * weights[gone] / total,
                            weights[gone] / total + 0.1 + (placing == Placing.RING_HASH ? 0.05 : 0));
        }
        assertThat(worst).as("moved between those that stay").isLessThanOrEqualTo(mostBetweenSurvivors);
    }
}
