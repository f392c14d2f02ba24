package io.lbclient.okhttp;

import io.lbclient.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Passes on what a server asks for with a 429 or a 503: to be left alone for a while (RFC 9110, 10.2.3). */
final class RetryAfter {
    static final String HEADER = "Retry-After";

    /** More than the pool honours, and what a count of seconds that no long can hold stands for. */
    private static final long LONGEST_SECONDS = 86_400;

    /** The three forms that a recipient must accept (RFC 9110, 5.6.7). OkHttp's own reader takes a good deal more. */
    private static final List<DateTimeFormatter> DATES = Stream.of(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", "EEEE, dd-MMM-uu HH:mm:ss 'GMT'", "EEE MMM ppd HH:mm:ss uuuu")
            .map(pattern -> DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH))
            .toList();

    /** A call that waits for longer is not what its caller expects, even if it has no timeout. */
    static final Duration LONGEST = Duration.ofSeconds(10);

    private RetryAfter() {}

    /**
     * Returns how long an answer asks to be left alone; null if it does not say, or says nothing that can be understood.
     * {@code hidden} is the header where it was taken out of the answer. A date is taken relative to the answer's own,
     * since the server's clock need not be right.
     */
    static @Nullable Duration of(@Nullable String hidden, Response response) {
        String value = hidden != null ? hidden : response.header(HEADER);
        if (value == null || !asks(response.code())) {
            return null;
        }
        if (isCount(value)) {
            return Duration.ofSeconds(seconds(value));
        }
        String sent = response.header("Date");
        Instant until = date(value);
        Instant now = sent == null ? null : date(sent);
        if (until == null || now == null) {
            return null;
        }
        return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    }

    private static boolean isCount(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Does nothing for another status, and for a value that is neither a count of seconds nor a date. */
    static void heed(Response response, Attempt attempt) {
        String value = asks(response.code()) ? response.header(HEADER) : null;
        if (value == null) {
            return;
        }
        if (isCount(value)) {
            attempt.pushBack(Duration.ofSeconds(seconds(value)));
            return;
        }
        Instant until = date(value);
        if (until != null) {
            attempt.pushBackUntil(until);
        }
    }

    private static @Nullable Instant date(String value) {
        for (DateTimeFormatter format : DATES) {
            try {
                return LocalDateTime.parse(value, format).toInstant(ZoneOffset.UTC);
            } catch (DateTimeParseException e) {
                // Perhaps another of the three.
            }
        }
        return null;
    }

    private static boolean asks(int status) {
        return status == 429 || status == 503;
    }

    private static long seconds(String digits) {
        // 18 digits fit a long; more of them, leading zeros aside, are more than anybody waits.
        String number = digits.replaceFirst("^0+", "");
        if (number.length() > 18) {
            return LONGEST_SECONDS;
        }
        return number.isEmpty() ? 0 : Long.parseLong(number);
    }
}
