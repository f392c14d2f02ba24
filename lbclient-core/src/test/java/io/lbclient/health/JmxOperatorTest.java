package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Operator;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.health.ServerPoolMXBean.ServerFigures;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMX;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the platform's own MBean server. */
class JmxOperatorTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final MBeanServer PLATFORM = ManagementFactory.getPlatformMBeanServer();

    private final Lab lab = new Lab();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ServerPool pool = lab.builder(OutlierDetection.withDefaults())
            .wallClock(() -> NOON)
            .servers(Lab.server(0), Lab.server(1).withZone("eu-1").withTier(2).withWeight(4))
            .build();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private JmxOperator register(ServerPool which) {
        JmxOperator registered = JmxOperator.register(which);
        open.add(registered);
        return registered;
    }

    private static ServerPool named(String name) {
        return ServerPool.builder(name).servers(Server.of("10.0.0.1", 8080)).build();
    }

    private ObjectName name() throws Exception {
        return new ObjectName(register(pool).name());
    }

    private ServerPoolMXBean bean() throws Exception {
        return JMX.newMXBeanProxy(PLATFORM, name(), ServerPoolMXBean.class);
    }

    @Test
    void anOperatorDrainsDisablesEnablesAndWeighs() throws Exception {
        ServerPoolMXBean bean = bean();

        bean.drain("s0");
        assertThat(Lab.of(pool, 0).operator())
                .isEqualTo(new Operator.Setting(Operator.Action.DRAIN, null, "jmx", NOON));
        lab.send(pool, 0, Outcome.SUCCESS, 5);
        assertThat(Lab.of(pool, 1).picks()).isEqualTo(5);
        assertThat(bean.getServers().get(0).getOperatorAction()).isEqualTo("DRAIN");
        bean.disable("s0");
        assertThat(Lab.of(pool, 0).detail()).isEqualTo("disable by jmx");
        bean.enable("s0");
        assertThat(bean.getEligible()).isEqualTo(2);
        bean.setWeight("s0", 0.5);
        assertThat(Lab.of(pool, 0).weight()).isEqualTo(0.5);
        bean.clear("s0");
        assertThat(Lab.of(pool, 0).operator()).isNull();
    }

    @Test
    void whatAnOperatorSetWinsOverTheDetectors() throws Exception {
        ServerPoolMXBean bean = bean();
        lab.send(pool, 0, Outcome.FAILURE, 5);
        assertThat(Lab.ejected(pool, 0)).isTrue();

        bean.enable("s0");

        lab.send(pool, 0, Outcome.SUCCESS, 1);
        assertThat(Lab.of(pool, 0).picks()).isEqualTo(6);
        assertThat(bean.getServers().get(0).getCauses()).containsExactly("OUTLIER");
    }

    @Test
    void everyServerIsListedWithStateCausesTimeWeightAndFigures() throws Exception {
        ServerPoolMXBean bean = bean();
        lab.send(pool, 0, Outcome.FAILURE, 5);
        lab.advanceSeconds(1);
        lab.pick(pool, 1);
        bean.setWeight("s1", 2);

        assertThat(bean.getPool()).isEqualTo("orders");
        assertThat(bean.getEligible()).isEqualTo(1);
        assertThat(bean.getListAgeSeconds()).as("no discovery").isEqualTo(-1);
        ServerFigures first = bean.getServers().get(0);
        assertThat(first.getId()).isEqualTo("s0");
        assertThat(first.getState()).isEqualTo("EJECTED");
        assertThat(first.getCauses()).containsExactly("OUTLIER");
        assertThat(first.getDetail()).isEqualTo("5 consecutive failures, out for PT30S");
        assertThat(first.getUntil()).isEqualTo("2026-11-24T12:00:29Z");
        assertThat(first.getPicks()).isEqualTo(5);
        assertThat(first.getFailures()).isEqualTo(5);
        assertThat(first.getFailureRate())
                .isEqualTo(Lab.of(pool, 0).failureRate())
                .isPositive();
        assertThat(first.getOperatorAction() + first.getOperatorBy() + first.getOperatorAt())
                .isEmpty();
        ServerFigures second = bean.getServers().get(1);
        assertThat(second.getHost() + ":" + second.getPort()).isEqualTo("127.0.0.1:8080");
        assertThat(second.getTier()).isEqualTo(2);
        assertThat(second.getZone()).isEqualTo("eu-1");
        assertThat(second.getUntil()).isEmpty();
        assertThat(second.getWeight()).isEqualTo(2.0);
        assertThat(second.getConfiguredWeight()).isEqualTo(4.0);
        assertThat(second.getInFlight()).isEqualTo(1);
        assertThat(second.getLatencyMillis()).isZero();
        assertThat(second.getShare()).isBetween(0.16, 0.17);
        assertThat(second.getOperatorBy()).isEqualTo("jmx");
        assertThat(second.getOperatorAt()).isEqualTo("2026-11-24T12:00:00Z");
    }

    @Test
    void theAgeOfTheListIsInSeconds() throws Exception {
        ServerDiscovery source = sink -> {
            sink.update(Lab.servers(1));
            return () -> {};
        };
        try (ServerPool found = lab.builder().discovery(source).build();
                JmxOperator registered = JmxOperator.register(found)) {
            lab.scheduler.advance(Duration.ofMillis(7_500));
            assertThat(PLATFORM.getAttribute(new ObjectName(registered.name()), "ListAgeSeconds"))
                    .isEqualTo(7.5);
        }
    }

    @Test
    void aConsoleThatKnowsNoneOfOurClassesSeesOpenTypesAndWords() throws Exception {
        ObjectName name = name();

        CompositeData[] servers = (CompositeData[]) PLATFORM.getAttribute(name, "Servers");
        assertThat(servers[1].get("id")).isEqualTo("s1");
        assertThat(servers[1].get("configuredWeight")).isEqualTo(4.0);
        MBeanInfo info = PLATFORM.getMBeanInfo(name);
        assertThat(info.getDescription()).contains("orders");
        assertThat(info.getAttributes())
                .allSatisfy(a -> assertThat(a.isWritable()).isFalse());
        assertThat(info.getOperations())
                .extracting(MBeanOperationInfo::getName)
                .containsExactlyInAnyOrder("drain", "disable", "enable", "setWeight", "clear");
        assertThat(info.getOperations())
                .filteredOn(o -> o.getName().equals("setWeight"))
                .singleElement()
                .satisfies(o -> {
                    assertThat(o.getSignature()[0].getName()).isEqualTo("server");
                    assertThat(o.getSignature()[1].getName()).isEqualTo("weight");
                });
        assertThatThrownBy(() -> PLATFORM.setAttribute(name, new Attribute("Pool", "other")))
                .isInstanceOf(javax.management.AttributeNotFoundException.class);
    }

    @Test
    void badInputIsRefusedInPlainWords() throws Exception {
        ObjectName name = name();
        ServerPoolMXBean bean = JMX.newMXBeanProxy(PLATFORM, name, ServerPoolMXBean.class);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.drain("nobody"))
                .withMessage("id: \"nobody\" (expected: a server of orders)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.setWeight("s0", Double.NaN))
                .withMessage("weight: NaN (expected: finite and >= 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bean.setWeight("s0", -1))
                .withMessage("weight: -1.0 (expected: finite and >= 0)");
        assertThatThrownBy(() ->
                        PLATFORM.invoke(name, "enable", new Object[] {null}, new String[] {String.class.getName()}))
                .isInstanceOf(RuntimeMBeanException.class)
                .hasRootCauseMessage("server: null (expected: the id of a server of orders)");
        assertThat(Lab.of(pool, 0).operator()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders", "a=b", "who?", "all*", "a:b", "it's", "name=x:type=y"})
    void anyNameOfAPoolIsANameInJmx(String poolName) throws Exception {
        try (ServerPool odd = named(poolName)) {
            ObjectName name = new ObjectName(register(odd).name());

            assertThat(name.isPattern()).isFalse();
            assertThat(ObjectName.unquote(name.getKeyProperty("name"))).isEqualTo(poolName);
            assertThat(PLATFORM.getAttribute(name, "Pool")).isEqualTo(poolName);
        }
    }

    @Test
    void aSecondPoolOfTheSameNameIsRefusedAndTheFirstStays() throws Exception {
        ServerPoolMXBean bean = bean();
        try (ServerPool twin = named("orders")) {
            assertThatThrownBy(() -> JmxOperator.register(twin))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("orders: a pool of this name is registered with JMX already"
                            + " (expected: another name, or the other registration closed)");
            assertThat(bean.getServers()).hasSize(2);
        }
    }

    @Test
    void closingEndsTheRegistrationAndMakesRoomForAnother() throws Exception {
        JmxOperator first = register(pool);
        ObjectName name = new ObjectName(first.name());
        pool.operator("anna").disable("s0");

        first.close();
        assertThatThrownBy(() -> PLATFORM.getMBeanInfo(name)).isInstanceOf(InstanceNotFoundException.class);
        assertThat(Lab.of(pool, 0).operator()).isNotNull();
        try (ServerPool next = named("orders")) {
            register(next);
            // Not the first one's to end any more.
            first.close();
            assertThat(PLATFORM.isRegistered(name)).isTrue();
        }
    }

    @Test
    void aRegistrationThatSomebodyElseEndedIsClosedWithoutAnError() throws Exception {
        JmxOperator registered = register(pool);
        PLATFORM.unregisterMBean(new ObjectName(registered.name()));

        registered.close();

        assertThat(PLATFORM.isRegistered(new ObjectName(registered.name()))).isFalse();
    }

    @Test
    void aPersonsNameThatAnOperatorMayNotHaveIsShownWithUnderscores() {
        assertThat(JmxCaller.visible("anna")).isEqualTo("anna");
        assertThat(JmxCaller.visible("CN=Anna Sm\u00efth,O=x\n")).isEqualTo("CN=Anna_Sm_th_O=x_");
        assertThat(JmxCaller.visible("")).isEqualTo("jmx");
        assertThat(JmxCaller.visible("x".repeat(1000))).hasSize(256);
    }
}
