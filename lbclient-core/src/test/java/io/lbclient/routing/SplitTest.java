package io.lbclient.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.ServerPool;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitTest extends Pools {
    private static final int KEYS = 20_000;

    private final ServerPool stable = pool("stable");
    private final ServerPool canary = pool("canary");

    private Router router(Split split) {
        RuleSet rules = RuleSet.builder()
                .rule(Rule.named("split").to(split).build())
                .otherwiseFail()
                .build();
        return Router.of("test", rules, new Random(5));
    }

    private Set<Integer> usersOf(ServerPool pool, Split split) {
        Router router = router(split);
        Set<Integer> users = new HashSet<>();
        for (int i = 0; i < KEYS; i++) {
            if (router.route(Ask.get("/").cookie("user", "user-" + i))
                            .destination()
                            .pool()
                    == pool) {
                users.add(i);
            }
        }
        return users;
    }

    private Split canaryOf(double percent) {
        return Split.by(SplitKey.cookie("user")).share(100 - percent, stable).share(percent, canary);
    }

    @Test
    void aCanaryGetsItsShareOfTheKeys() {
        // Five standard deviations of a fair draw.
        assertThat(usersOf(canary, canaryOf(5))).hasSizeBetween(846, 1_154);
        assertThat(usersOf(canary, canaryOf(50))).hasSizeBetween(9_646, 10_354);
        assertThat(usersOf(canary, canaryOf(0))).isEmpty();
        assertThat(usersOf(canary, canaryOf(100))).hasSize(KEYS);
    }

    @Test
    void aKeyStaysWhereItIsWithEachRequestAndInEachProgram() {
        assertThat(usersOf(canary, canaryOf(5))).isEqualTo(usersOf(canary, canaryOf(5)));
        // Fixed, so that two versions of the library agree as well.
        assertThat(usersOf(canary, canaryOf(5)).stream().filter(user -> user < 100))
                .containsExactlyInAnyOrder(32, 62, 66, 85);
    }

    @Test
    void whoIsInTheCanaryStaysInItWhenItGrows() {
        assertThat(usersOf(canary, canaryOf(10))).containsAll(usersOf(canary, canaryOf(5)));
        assertThat(usersOf(canary, canaryOf(60))).containsAll(usersOf(canary, canaryOf(10)));
    }

    @Test
    void twoSplitsHaveTheSameCanariesOnlyUnderTheSameName() {
        Set<Integer> one = usersOf(canary, canaryOf(10).named("one"));
        Set<Integer> other = usersOf(canary, canaryOf(10).named("other"));
        other.retainAll(one);
        // A tenth of a tenth, and not all of it.
        assertThat(other).hasSizeBetween(100, 300);
    }

    @Test
    void aRequestWithoutTheKeyIsDrawn() {
        Router router = router(canaryOf(20));
        int drawn = 0;
        for (int i = 0; i < 10_000; i++) {
            drawn += router.route(Ask.get("/")).destination().pool() == canary ? 1 : 0;
        }
        assertThat(drawn).isBetween(1_800, 2_200);
    }

    @Test
    void hugeAndTinyWeightsAreShares() {
        Split split = Split.by(SplitKey.none())
                .share(Double.MAX_VALUE, stable)
                .share(Double.MAX_VALUE, canary)
                .share(Double.MIN_VALUE, stable);
        Router router = router(split);
        int drawn = 0;
        for (int i = 0; i < 10_000; i++) {
            drawn += router.route(Ask.get("/")).destination().pool() == canary ? 1 : 0;
        }
        assertThat(drawn).isBetween(4_750, 5_250);
        assertThat(split).hasToString("split by no key: 50.00% stable, 50.00% canary, 0.000% stable");
    }

    @Test
    void aKeyThatThrowsIsAMissingOneAndOpensNoPartOfWeight0() {
        Split split = Split.by(SplitKey.of("broken", request -> {
                    throw new IllegalStateException("broken");
                }))
                .share(0, canary)
                .share(100, stable);
        Router router = router(split);
        for (int i = 0; i < 100; i++) {
            assertThat(router.route(Ask.get("/")).destination().pool()).isSameAs(stable);
        }
    }

    @Test
    void keysAreReadFromAllPartsOfARequest() throws Exception {
        Ask ask = Ask.get("/")
                .header("h", "1")
                .query("q", "2")
                .cookie("c", "3")
                .from(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}));
        RuleSet rules = RuleSet.builder()
                .claims(request -> name -> List.of("4", "5"))
                .otherwise(stable)
                .build();
        RoutedRequest routed = new RoutedRequest(ask, rules);
        assertThat(SplitKey.header("H").read(routed)).isEqualTo("1");
        assertThat(SplitKey.query("q").read(routed)).isEqualTo("2");
        assertThat(SplitKey.cookie("c").read(routed)).isEqualTo("3");
        assertThat(SplitKey.claim("sub").read(routed)).isEqualTo("4");
        assertThat(SplitKey.clientAddress().read(routed)).isEqualTo("10.0.0.1");
        assertThat(SplitKey.of("path", request -> request.path()).read(routed)).isEqualTo("/");
        assertThat(SplitKey.none().read(routed)).isNull();
    }
}
