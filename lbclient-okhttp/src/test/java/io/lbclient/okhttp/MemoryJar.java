package io.lbclient.okhttp;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;

/** A jar that keeps what each host set last under each name. */
final class MemoryJar implements CookieJar {
    final Map<String, Map<String, Cookie>> hosts = new ConcurrentHashMap<>();

    @Override
    public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
        Map<String, Cookie> byName = hosts.computeIfAbsent(url.host(), host -> new ConcurrentHashMap<>());
        cookies.forEach(cookie -> byName.put(cookie.name(), cookie));
    }

    @Override
    public List<Cookie> loadForRequest(HttpUrl url) {
        return List.copyOf(hosts.getOrDefault(url.host(), Map.of()).values());
    }

    Collection<Cookie> cookies() {
        return hosts.values().stream()
                .flatMap(byName -> byName.values().stream())
                .toList();
    }
}
