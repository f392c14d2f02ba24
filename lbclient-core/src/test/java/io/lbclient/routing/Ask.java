package io.lbclient.routing;

import io.lbclient.RequestView;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that a test makes up. */
final class Ask implements RequestView {
    private final String method;
    private final String path;
    private String host = "";
    private final Map<String, String> headers = new HashMap<>();
    private final Map<String, String> cookies = new HashMap<>();
    private final Map<String, String> query = new HashMap<>();
    private @Nullable InetAddress client;
    private @Nullable Object tag;

    private Ask(String method, String path) {
        this.method = method;
        this.path = path;
    }

    static Ask get(String path) {
        return new Ask("GET", path);
    }

    static Ask with(String method, String path) {
        return new Ask(method, path);
    }

    Ask at(String of) {
        host = of;
        return this;
    }

    Ask header(String name, String value) {
        headers.put(name.toLowerCase(Locale.ROOT), value);
        return this;
    }

    Ask cookie(String name, String value) {
        cookies.put(name, value);
        return this;
    }

    Ask query(String name, String value) {
        query.put(name, value);
        return this;
    }

    Ask tagged(Object value) {
        tag = value;
        return this;
    }

    Ask from(InetAddress address) {
        client = address;
        return this;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public @Nullable String cookie(String name) {
        return cookies.get(name);
    }

    @Override
    public @Nullable String query(String name) {
        return query.get(name);
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        return client;
    }

    @Override
    public <T> @Nullable T attribute(Class<T> type) {
        return type.isInstance(tag) ? type.cast(tag) : null;
    }

    @Override
    public String toString() {
        return method + " " + host + path + " " + headers + cookies + query;
    }
}
