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

    private RetryAfter() {}

    /** Does nothing for another status, and for a value that is neither a count of seconds nor a date. */
    static void heed(Response response, Attempt attempt) {
        String value = asks(response.code()) ? response.header(HEADER) : null;
        if (value == null) {
            return;
        }
        if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
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
