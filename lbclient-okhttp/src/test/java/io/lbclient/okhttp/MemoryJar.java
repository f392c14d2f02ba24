package io.lbclient.okhttp;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;

/** A jar that keeps what each host set last. */
final class MemoryJar implements CookieJar {
    final ConcurrentHashMap<String, List<Cookie>> hosts = new ConcurrentHashMap<>();

    @Override
    public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
        hosts.put(url.host(), cookies);
    }

    @Override
    public List<Cookie> loadForRequest(HttpUrl url) {
        return hosts.getOrDefault(url.host(), List.of());
    }
}
