package io.lbclient.dns;

import io.lbclient.dns.Addresses.Part;
import io.lbclient.dns.Found.Refusal;
import io.lbclient.dns.Placing.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.xbill.DNS.Name;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/** Looks everything up that one list of servers needs, once for each call; nobody waits for it. */
final class Lookup {
    /** A service of a thousand targets must not send two thousand questions at once. */
    private static final int TARGETS_AT_ONCE = 32;

    /** What a record's weight 0 becomes, which stands for a very small chance. */
    private static final double LEAST_WEIGHT = 0.01;

    private final List<Name> candidates;
    private final Asker asker;
    private final Addresses addresses;
    private final Placing placing;

    Lookup(List<Name> candidates, Asker asker, Addresses addresses, Placing placing) {
        this.candidates = candidates;
        this.asker = asker;
        this.addresses = addresses;
        this.placing = placing;
    }

    /** Fails with an {@link IOException} if it could not be found out what there is. */
    CompletableFuture<Found> look() {
        return look(0, Long.MAX_VALUE);
    }

    private CompletableFuture<Found> look(int candidate, long ttl) {
        if (candidate == candidates.size()) {
            return CompletableFuture.completedFuture(Found.nothing(false, ttl));
        }
        Name name = candidates.get(candidate);
        boolean services = placing.port() == DnsDiscoveryBuilder.PORTS_OF_RECORDS;
        return (services ? services(name) : addresses(name)).thenCompose(found -> {
            boolean decided = !found.servers().isEmpty() || found.noService();
            return decided
                    ? CompletableFuture.completedFuture(found)
                    : look(candidate + 1, Math.min(ttl, found.ttlSeconds()));
        });
    }

    private CompletableFuture<Found> addresses(Name name) {
        return addresses.of(name).thenApply(part -> {
            if (part.failure() != null) {
                throw new CompletionException(part.failure());
            }
            List<Place> places = part.addresses().stream()
                    .map(address -> new Place(address, placing.port(), 1, 0))
                    .toList();
            return placing.found(places, part.ttlSeconds(), List.of());
        });
    }

    private CompletableFuture<Found> services(Name name) {
        return asker.ask(name, Type.SRV).thenCompose(answer -> {
            List<SRVRecord> records = answer.records().stream()
                    .map(SRVRecord.class::cast)
                    .sorted(Comparator.comparingInt(SRVRecord::getPriority)
                            .thenComparing(SRVRecord::getTarget)
                            .thenComparingInt(SRVRecord::getPort))
                    .limit(placing.maxServers())
                    .toList();
            if (records.isEmpty()) {
                return CompletableFuture.completedFuture(Found.nothing(false, answer.ttlSeconds()));
            }
            if (records.stream().allMatch(record -> record.getTarget().equals(Name.root))) {
                return CompletableFuture.completedFuture(Found.nothing(true, answer.ttlSeconds()));
            }
            List<Name> targets = records.stream()
                    .map(SRVRecord::getTarget)
                    .distinct()
                    .filter(target -> !target.equals(Name.root))
                    .toList();
            return resolve(targets, 0, new LinkedHashMap<>())
                    .thenApply(parts -> servers(name, records, parts, answer.ttlSeconds()));
        });
    }

    private CompletableFuture<Map<Name, Part>> resolve(List<Name> targets, int from, Map<Name, Part> known) {
        if (from >= targets.size()) {
            return CompletableFuture.completedFuture(known);
        }
        List<Name> some = targets.subList(from, Math.min(targets.size(), from + TARGETS_AT_ONCE));
        List<CompletableFuture<Part>> asked = some.stream().map(addresses::of).toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenCompose(all -> {
            for (int i = 0; i < some.size(); i++) {
                known.put(some.get(i), asked.get(i).join());
            }
            return resolve(targets, from + TARGETS_AT_ONCE, known);
        });
    }

    private Found servers(Name name, List<SRVRecord> records, Map<Name, Part> parts, long recordsTtl) {
        addresses.retain(Set.copyOf(parts.keySet()));
        List<Place> places = new ArrayList<>();
        List<Refusal> refusals = new ArrayList<>();
        long ttl = recordsTtl;
        for (SRVRecord record : records) {
            Part part = parts.get(record.getTarget());
            if (part == null) {
                refusals.add(new Refusal(record.rdataToString(), "the target . beside other targets"));
                continue;
            }
            ttl = Math.min(ttl, part.ttlSeconds());
            if (part.addresses().isEmpty()) {
                String why = part.failure() == null
                        ? "the target has no address"
                        : part.failure().getMessage();
                refusals.add(new Refusal(record.rdataToString(), String.valueOf(why)));
            }
            for (InetAddress address : part.addresses()) {
                places.add(place(record, address, part.addresses().size()));
            }
        }
        if (places.isEmpty() || parts.values().stream().allMatch(part -> part.failure() != null)) {
            // The service exists, so this is not an empty answer but one that could not be completed.
            throw new CompletionException(
                    new IOException(name + ": none of " + parts.size() + " targets has an address now"));
        }
        return placing.found(places, ttl, refusals);
    }

    private static Place place(SRVRecord record, InetAddress address, int addresses) {
        double weight = Math.max(record.getWeight(), LEAST_WEIGHT) / addresses;
        return new Place(address, record.getPort(), weight, record.getPriority());
    }
}
