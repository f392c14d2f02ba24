package io.lbclient.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/**
 * The addresses of names. What one question cannot be answered now is answered as it was last time, so that a timeout of
 * one question does not take servers away that another one's answer leaves.
 */
final class Addresses {
    /** After which what could not be answered is asked for again. */
    private static final long RETRY_SECONDS = 1;

    private final Asker asker;
    private final List<Integer> types;
    private final Map<Question, List<InetAddress>> memory = new ConcurrentHashMap<>();

    private record Question(Name name, int type) {}

    /** What is known; a failure if nobody answered now, whatever is known from before. */
    record Part(
            List<InetAddress> addresses,
            long ttlSeconds,
            @Nullable Throwable failure) {}

    Addresses(Asker asker, boolean ipv4, boolean ipv6) {
        this.asker = asker;
        this.types = ipv4 && ipv6 ? List.of(Type.A, Type.AAAA) : List.of(ipv4 ? Type.A : Type.AAAA);
    }

    /** Never fails; the part says whether it did. */
    CompletableFuture<Part> of(Name name) {
        CompletableFuture<Part> first = part(name, types.get(0));
        return types.size() == 1 ? first : first.thenCombine(part(name, types.get(1)), Addresses::together);
    }

    private CompletableFuture<Part> part(Name name, int type) {
        Question question = new Question(name, type);
        return asker.ask(name, type).handle((answer, failure) -> {
            if (failure != null) {
                return new Part(memory.getOrDefault(question, List.of()), RETRY_SECONDS, Asker.unwrapped(failure));
            }
            List<InetAddress> addresses =
                    answer.records().stream().map(Addresses::address).toList();
            memory.put(question, addresses);
            return new Part(addresses, answer.ttlSeconds(), null);
        });
    }

    private static InetAddress address(Record record) {
        if (record instanceof ARecord v4) {
            return v4.getAddress();
        }
        if (record instanceof AAAARecord v6) {
            return v6.getAddress();
        }
        throw new IllegalStateException("not an address: " + record);
    }

    /** One family that fails is no failure as long as the other one has addresses. */
    private static Part together(Part one, Part other) {
        List<InetAddress> all = new ArrayList<>(one.addresses);
        all.addAll(other.addresses);
        boolean answered = (one.failure == null && !one.addresses.isEmpty())
                || (other.failure == null && !other.addresses.isEmpty());
        Throwable failure = answered ? null : one.failure == null ? other.failure : one.failure;
        return new Part(List.copyOf(all), Math.min(one.ttlSeconds, other.ttlSeconds), failure);
    }

    /** Forgets the names that nobody asks for any more. */
    void retain(Set<Name> names) {
        memory.keySet().removeIf(question -> !names.contains(question.name));
    }
}
