package io.lbclient.routing;

import java.util.List;
import java.util.random.RandomGenerator;

/** Where the requests of a rule go: to one destination, or to one of several. */
interface Target {
    List<Destination> destinations();

    /** Returns the index of the destination of a request. */
    int choose(RoutedRequest request, RandomGenerator random);

    /** Returns the index of the destination of a request of which nothing can be read: user code threw. */
    default int chooseBlindly(RandomGenerator random) {
        return 0;
    }

    /** One destination for all. */
    record Single(Destination destination) implements Target {
        @Override
        public List<Destination> destinations() {
            return List.of(destination);
        }

        @Override
        public int choose(RoutedRequest request, RandomGenerator random) {
            return 0;
        }

        @Override
        public String toString() {
            return destination.toString();
        }
    }

    /** Several by weight. */
    record Divided(Split split) implements Target {
        @Override
        public List<Destination> destinations() {
            return split.destinations();
        }

        @Override
        public int choose(RoutedRequest request, RandomGenerator random) {
            return split.choose(request, random);
        }

        @Override
        public int chooseBlindly(RandomGenerator random) {
            return split.draw(random);
        }

        @Override
        public String toString() {
            return split.toString();
        }
    }
}
