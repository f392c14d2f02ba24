package io.lbclient.okhttp;

import java.util.List;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;

/**
 * A jar from which cookies are taken and into which none are put: what a check or a copy is
 * answered must not end up in a user's session.
 */
final class ReadOnlyCookies implements CookieJar {
    private final CookieJar jar;

    ReadOnlyCookies(CookieJar jar) {
        this.jar = jar;
    }

    @Override
    public List<Cookie> loadForRequest(HttpUrl url) {
        return jar.loadForRequest(url);
    }

    @Override
    public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
        // None are put in.
    }
}
