package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SetCookieTest {
    private static String value(String... headers) {
        return SetCookie.value(List.of(headers), "sid");
    }

    @Test
    void ofSeveralThatSetOneCookieTheLastCounts() {
        assertThat(value("sid=a; Path=/", "other=x", "sid=b")).isEqualTo("b");
        assertThat(value("sid=a", "sid=; Max-Age=0")).as("taken back").isEmpty();
    }

    @Test
    void onlyTheFirstPairIsTheCookieAndSpacesAroundItAreNot() {
        assertThat(value(" sid = a=b ;Path=/")).isEqualTo("a=b");
        assertThat(value("other=x; sid=a", "sid; Path=a=b", "SID=a", "sid")).isNull();
    }
}
