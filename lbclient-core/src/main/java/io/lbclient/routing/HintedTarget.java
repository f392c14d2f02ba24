package io.lbclient.routing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** One of the destinations that a rule names, by something that nobody has verified. */
final class HintedTarget implements Target {
    private final Hint hint;
    private final Map<String, Integer> indexes = new LinkedHashMap<>();
    private final List<Destination> destinations = new ArrayList<>();

    HintedTarget(Hint hint, Map<String, Destination> byHint, Destination otherwise) {
        this.hint = hint;
        destinations.add(otherwise);
        byHint.forEach((value, destination) -> {
            indexes.put(value, destinations.size());
            destinations.add(destination);
        });
    }

    @Override
    public List<Destination> destinations() {
        return List.copyOf(destinations);
    }

    @Override
    public int choose(RoutedRequest request, RandomGenerator random) {
        String said;
        try {
            said = hint.read(request.view);
        } catch (RuntimeException | StackOverflowError e) {
            // What a stranger wrote must not be able to fail the request.
            return 0;
        }
        return said == null ? 0 : indexes.getOrDefault(said, 0);
    }

    @Override
    public String toString() {
        return indexes.entrySet().stream()
                .map(entry -> entry.getKey() + " -> " + destinations.get(entry.getValue()))
                .collect(Collectors.joining(
                        ", ", "by the unverified hint " + hint + ": ", ", otherwise " + destinations.get(0)));
    }
}
