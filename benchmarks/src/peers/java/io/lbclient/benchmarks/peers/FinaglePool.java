package io.lbclient.benchmarks.peers;

import com.twitter.finagle.Address;
import com.twitter.finagle.ClientConnection;
import com.twitter.finagle.NoBrokersAvailableException;
import com.twitter.finagle.Service;
import com.twitter.finagle.ServiceFactory;
import com.twitter.finagle.Stack;
import com.twitter.finagle.Status;
import com.twitter.finagle.loadbalancer.Balancers$;
import com.twitter.finagle.loadbalancer.EndpointFactory;
import com.twitter.util.Activity;
import com.twitter.util.Await;
import com.twitter.util.Future;
import com.twitter.util.Time;
import java.util.List;
import java.util.stream.IntStream;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** Finagle's power of two choices with peak EWMA, over services that do nothing. */
final class FinaglePool implements AutoCloseable {
    private final ServiceFactory<String, String> balancer;

    FinaglePool(int servers) {
        List<EndpointFactory<String, String>> all = IntStream.range(0, servers)
                .<EndpointFactory<String, String>>mapToObj(Endpoint::new)
                .toList();
        Balancers$ balancers = Balancers$.MODULE$;
        balancer = balancers
                .p2cPeakEwma(balancers.p2cPeakEwma$default$1(), balancers.p2cPeakEwma$default$2())
                .newBalancer(
                        Activity.value(CollectionConverters.asScala(all).toIndexedSeq()),
                        new NoBrokersAvailableException("benchmark"),
                        Stack.Params$.MODULE$.empty());
    }

    /** A service is had for each request and given back after it, as the client stack does; its metric ends then. */
    Service<String, String> request() {
        Future<Service<String, String>> picked = balancer.apply(ClientConnection.nil());
        try {
            Service<String, String> service = Await.result(picked);
            service.close();
            return service;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        balancer.close();
    }

    private static final class Endpoint extends ServiceFactory<String, String>
            implements EndpointFactory<String, String> {
        private final Address address;
        private final Future<Service<String, String>> service = Future.value(new Nothing());

        Endpoint(int number) {
            address = Address.apply("localhost", number + 1);
        }

        @Override
        public Future<Service<String, String>> apply(ClientConnection connection) {
            return service;
        }

        @Override
        public Address address() {
            return address;
        }

        @Override
        public double weight() {
            return 1;
        }

        @Override
        public void remake() {}

        @Override
        public Status status() {
            return Status.Open$.MODULE$;
        }

        @Override
        public Future<BoxedUnit> close(Time deadline) {
            return Future.Done();
        }
    }

    private static final class Nothing extends Service<String, String> {
        @Override
        public Future<String> apply(String request) {
            return Future.value(request);
        }
    }
}
