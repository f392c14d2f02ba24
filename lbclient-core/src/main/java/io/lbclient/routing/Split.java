package io.lbclient.routing;

import io.lbclient.PoolView;
import io.lbclient.ServerPool;
import io.lbclient.internal.Checks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A division of requests among destinations by weight, steadily for each key: a canary of 5 %, or blue and green.
 *
 * <pre>{@code
 * Split.by(SplitKey.cookie("user")).share(95, stable).share(5, canary)
 * }</pre>
 *
 * <p>A key is hashed to a place between 0 and 1, and the destinations take their shares of that line in the order in
 * which they were added. So when the last one's weight grows, those that were with it stay with it. Which keys are with
 * whom depends on the split's name, on nothing else; two programs agree. A request without the key is drawn at random.
 * Immutable.
 */
public final class Split {
    private final SplitKey key;
    private final String name;
    private final List<Destination> destinations;
    private final double[] weights;
    /** Where each one's part of the line ends; 1 for the last. */
    private final double[] ends;

    private Split(SplitKey key, String name, List<Destination> destinations, double[] weights) {
        this.key = key;
        this.name = name;
        this.destinations = List.copyOf(destinations);
        this.weights = weights;
        double largest = 0;
        for (double weight : weights) {
            largest = Math.max(largest, weight);
        }
        // Divided by the largest first: the sum of huge weights would be infinite.
        double scale = largest == 0 ? 1 : largest;
        double sum = 0;
        for (double weight : weights) {
            sum += weight / scale;
        }
        ends = new double[weights.length];
        double before = 0;
        for (int i = 0; i < weights.length; i++) {
            before += weights[i] / scale;
            ends[i] = sum == 0 ? 0 : before / sum;
        }
    }

    /**
     * Begins a split.
     *
     * @param key what keeps requests together
     * @return a split without destinations, named {@code split}
     */
    public static Split by(SplitKey key) {
        return new Split(key, "split", List.of(), new double[0]);
    }

    /**
     * Returns this split under another name. Two splits by one key divide it differently if their names differ: otherwise
     * the same users would be in the first percent of every canary.
     *
     * @param other 1 to 256 visible ASCII characters
     * @return the split
     * @throws IllegalArgumentException if the name is malformed
     */
    public Split named(String other) {
        return new Split(key, Checks.visible("split", other), destinations, weights);
    }

    /**
     * Returns this split with one more destination.
     *
     * @param weight its part, relative to the others'; finite and at least 0, which means that nobody goes there
     * @param destination the destination
     * @return the split
     * @throws IllegalArgumentException if the weight is out of its range
     */
    public Split share(double weight, Destination destination) {
        Checks.notNegative("weight", weight);
        List<Destination> more = new ArrayList<>(destinations);
        more.add(destination);
        double[] heavier = Arrays.copyOf(weights, more.size());
        heavier[more.size() - 1] = weight;
        return new Split(key, name, more, heavier);
    }

    /**
     * Returns this split with one more destination.
     *
     * @param weight its part, relative to the others'; finite and at least 0
     * @param pool the pool
     * @return the split
     * @throws IllegalArgumentException if the weight is out of its range
     */
    public Split share(double weight, ServerPool pool) {
        return share(weight, Destination.of(pool));
    }

    /**
     * Returns this split with one more destination.
     *
     * @param weight its part, relative to the others'; finite and at least 0
     * @param pool the pool
     * @param view a view of it
     * @return the split
     * @throws IllegalArgumentException if the weight is out of its range
     */
    public Split share(double weight, ServerPool pool, PoolView view) {
        return share(weight, Destination.of(pool, view));
    }

    boolean leadsSomewhere() {
        return ends.length > 0 && ends[ends.length - 1] > 0;
    }

    List<Destination> destinations() {
        return destinations;
    }

    int choose(RoutedRequest request, RandomGenerator random) {
        String value = key.read(request);
        return value == null || value.isEmpty() ? draw(random) : place(placeOf(value));
    }

    /** For a request without the key. */
    int draw(RandomGenerator random) {
        return place(random.nextDouble());
    }

    private int place(double at) {
        // Below 1, which is where the last part ends, without a rest: both sums were made in the same order.
        int i = 0;
        while (at >= ends[i]) {
            i++;
        }
        return i;
    }

    /** FNV-1a over the characters, which alone would leave similar keys close to each other, and the finish of MurmurHash3. */
    private double placeOf(String value) {
        long hash = fnv(fnv(0xcbf29ce484222325L, name), value);
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        hash ^= hash >>> 33;
        return (hash >>> 11) * 0x1.0p-53;
    }

    private static long fnv(long before, String text) {
        long hash = before;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        // So that the end of the name cannot be taken for the beginning of the key.
        return (hash ^ 0xffff) * 0x100000001b3L;
    }

    @Override
    public String toString() {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> String.format(
                        Locale.ROOT,
                        "%.4g%% %s",
                        100 * (i == 0 ? ends[0] : ends[i] - ends[i - 1]),
                        destinations.get(i)))
                .collect(Collectors.joining(", ", name + " by " + key + ": ", ""));
    }
}
