package io.lbclient.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * Asks resolvers, one after the other until one answers, without blocking. Safe for use by many threads.
 *
 * <p>Truncated answers are asked for again over TCP by the library underneath.
 */
final class Asker {
    private static final int MAX_ALIASES = 8;
    /** For a negative answer that does not say. */
    private static final long NEGATIVE_TTL_SECONDS = 30;

    private final List<? extends Resolver> resolvers;
    private final int rounds;
    /** Who answered last is asked first, so that a dead one costs its timeout once and not in each look. */
    private volatile int preferred;

    Asker(List<InetSocketAddress> addresses, Duration timeout, int rounds) {
        this(addresses.stream().map(SimpleResolver::new).toList(), rounds);
        this.resolvers.forEach(resolver -> resolver.setTimeout(timeout));
    }

    Asker(List<? extends Resolver> resolvers, int rounds) {
        this.resolvers = resolvers;
        this.rounds = rounds;
    }

    /** Fails with an {@link IOException} if nobody answers, or all answer that they cannot. */
    CompletableFuture<Answer> ask(Name name, int type) {
        return follow(name, type, MAX_ALIASES, Long.MAX_VALUE);
    }

    private CompletableFuture<Answer> follow(Name name, int type, int aliases, long ttl) {
        return attempt(Record.newRecord(name, type, DClass.IN), 0, preferred, null)
                .thenCompose(message -> answer(message, name, type, aliases, ttl));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the inner future is what the last step returns
    private CompletableFuture<Message> attempt(Record question, int number, int first, @Nullable Throwable last) {
        if (number == rounds * resolvers.size()) {
            String reason = last == null ? "no resolver" : String.valueOf(last.getMessage());
            return CompletableFuture.failedFuture(
                    new IOException(question.getName() + " " + Type.string(question.getType()) + ": " + reason, last));
        }
        int at = (first + number) % resolvers.size();
        return resolvers
                .get(at)
                .sendAsync(Message.newQuery(question))
                .toCompletableFuture()
                .handle((message, failure) -> {
                    Throwable why = failure == null ? refusal(message, at) : unwrapped(failure);
                    if (why == null) {
                        preferred = at;
                        return CompletableFuture.completedFuture(message);
                    }
                    return attempt(question, number + 1, first, why);
                })
                .thenCompose(next -> next);
    }

    private @Nullable IOException refusal(Message message, int at) {
        int code = message.getRcode();
        return code == Rcode.NOERROR || code == Rcode.NXDOMAIN
                ? null
                : new IOException(resolvers.get(at) + " answers " + Rcode.string(code));
    }

    /** What went wrong, without the wrapping of the stages that it went through. */
    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private CompletableFuture<Answer> answer(Message message, Name asked, int type, int aliases, long ttlSoFar) {
        List<Record> section = message.getSection(Section.ANSWER);
        Name name = asked;
        long ttl = ttlSoFar;
        // Only what the aliases lead to counts: whoever answers may not slip in the records of other names.
        for (int left = aliases; left >= 0; left--) {
            List<Record> found = new ArrayList<>();
            CNAMERecord alias = null;
            for (Record record : section) {
                if (record.getName().equals(name) && record.getType() == type) {
                    found.add(record);
                } else if (record.getName().equals(name) && record instanceof CNAMERecord cname) {
                    alias = cname;
                }
            }
            if (!found.isEmpty()) {
                long least = found.stream().mapToLong(Record::getTTL).min().orElse(0);
                return CompletableFuture.completedFuture(new Answer(found, Math.min(ttl, least)));
            }
            if (alias == null) {
                boolean elsewhere = !name.equals(asked) && message.getRcode() == Rcode.NOERROR && !hasSoa(message);
                return elsewhere
                        ? follow(name, type, left, ttl)
                        : CompletableFuture.completedFuture(new Answer(List.of(), Math.min(ttl, negativeTtl(message))));
            }
            ttl = Math.min(ttl, alias.getTTL());
            name = alias.getTarget();
        }
        return CompletableFuture.failedFuture(
                new IOException(asked + " " + Type.string(type) + ": more than " + MAX_ALIASES + " aliases"));
    }

    private static boolean hasSoa(Message message) {
        return message.getSection(Section.AUTHORITY).stream().anyMatch(SOARecord.class::isInstance);
    }

    private static long negativeTtl(Message message) {
        return message.getSection(Section.AUTHORITY).stream()
                .filter(SOARecord.class::isInstance)
                .map(SOARecord.class::cast)
                .mapToLong(soa -> Math.min(soa.getTTL(), soa.getMinimum()))
                .min()
                .orElse(NEGATIVE_TTL_SECONDS);
    }
}
