package io.lbclient.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    private static OperatorNotifier.Builder builder() {
        return OperatorNotifier.builder(URI.create("http://127.0.0.1:1/hook"));
    }

    private static void refused(String message, Consumer<OperatorNotifier.Builder> setting) {
        assertThatThrownBy(() -> setting.accept(builder()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://127.0.0.1/s3cret",
                "file:///s3cret",
                "mailto:s3cret@example.com",
                "/s3cret",
                "http:///s3cret",
                "http:s3cret",
                "http://127.0.0.1/#s3cret",
                "http://127.0.0.1:0/s3cret",
                "http://user:s3cret@127.0.0.1/",
                "https://s3cret@127.0.0.1/"
            })
    void aWebhookThatIsNoPlainWebAddressIsRefusedWithoutShowingItsSecrets(String url) {
        assertThatThrownBy(() -> OperatorNotifier.builder(URI.create(url)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("webhook: \\S+ \\(expected: .+\\)")
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void nonsenseIsRefusedWhereItIsGiven() {
        refused("maxAttempts: 0 (expected: 1 to 100)", b -> b.maxAttempts(0));
        refused("messagesPerMinute: 0 (expected: 1 to 6000)", b -> b.messagesPerMinute(0));
        refused("messagesPerMinute: 6001 (expected: 1 to 6000)", b -> b.messagesPerMinute(6_001));
        refused("queueCapacity: -1 (expected: 1 to 1000000)", b -> b.queueCapacity(-1));
        refused(
                "requestTimeout: PT-1S (expected: > 0 and at most PT24H)",
                b -> b.requestTimeout(Duration.ofSeconds(-1)));
        refused("giveUpAfter: PT25H (expected: > 0 and at most PT24H)", b -> b.giveUpAfter(Duration.ofHours(25)));
        refused("closeTimeout: PT0S (expected: > 0 and at most PT24H)", b -> b.closeTimeout(Duration.ZERO));
        refused("repeatInterval: PT0S (expected: > 0 and at most PT24H)", b -> b.repeatInterval(Duration.ZERO));
        refused(
                "deduplicationWindow: PT0S (expected: > 0 and at most PT24H)",
                b -> b.deduplicationWindow(Duration.ZERO));
        refused(
                "longest: PT1S (expected: > first, which is PT1S)",
                b -> b.backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)));
        refused(
                "giveUpAfter: PT0.5S (expected: > the first back-off, which is PT0.5S)",
                b -> b.giveUpAfter(Duration.ofMillis(500)).build());
        refused(
                "label: 1st (expected: letters, digits and _, and none of [alertname, pool, server, severity, state])",
                b -> b.label("1st", "x"));
        refused(
                "label: pool (expected: letters, digits and _, and none of [alertname, pool, server, severity, state])",
                b -> b.label("pool", "x"));
        refused(
                "label instance: a\\u000ab (expected: 1 to 256 characters that are not control characters)",
                b -> b.label("instance", "a\nb"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "Content-Length", "content-type", "User-Agent", "X Y", "", "X\r\nY"})
    void aHeaderThatIsNotTheUsersIsRefused(String name) {
        assertThatThrownBy(() -> builder().header(name, "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: the name of a header that the notifier does not set itself)")
                .message()
                .doesNotContain("\r", "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret\r\nX: y", "s3cret\u00e9", "s3cret\u0000"})
    void aHeaderValueThatIsRefusedIsNotShown(String value) {
        assertThatThrownBy(() -> builder().header("Authorization", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("header value: (")
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void theBuilderDoesNotShowItsSecrets() {
        assertThat(builder().header("Authorization", "s3cret").toString()).doesNotContain("s3cret");
    }
}
