package io.lbclient.okhttp;

import io.lbclient.RequestView;
import java.net.InetAddress;
import java.util.List;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** What may be read of an OkHttp request; its tags are the attributes, and one of type InetAddress the client. */
record OkHttpRequestView(Request request, CookieJar jar) implements RequestView {
    @Override
    public String method() {
        return request.method();
    }

    @Override
    public String path() {
        return request.url().encodedPath();
    }

    @Override
    public String host() {
        return request.url().host();
    }

    @Override
    public @Nullable String query(String name) {
        HttpUrl url = request.url();
        for (int i = 0; i < url.querySize(); i++) {
            if (url.queryParameterName(i).equals(name)) {
                String value = url.queryParameterValue(i);
                return value == null ? "" : value;
            }
        }
        return null;
    }

    @Override
    public @Nullable String header(String name) {
        return request.header(name);
    }

    /** As OkHttp sends them: the jar's, which replace what the application set itself, or that if the jar has none. */
    @Override
    public @Nullable String cookie(String name) {
        List<Cookie> kept = jar.loadForRequest(request.url());
        if (kept.isEmpty()) {
            return ofHeaders(name);
        }
        for (Cookie cookie : kept) {
            if (cookie.name().equals(name)) {
                return cookie.value();
            }
        }
        return null;
    }

    private @Nullable String ofHeaders(String name) {
        for (String header : request.headers("Cookie")) {
            // In one pass and without an array of all pairs: what a stranger sent may be a megabyte of semicolons.
            int equals = -1;
            for (int start = 0, end; start < header.length(); start = end + 1) {
                int semicolon = header.indexOf(';', start);
                end = semicolon < 0 ? header.length() : semicolon;
                equals = equals < start ? header.indexOf('=', start) : equals;
                if (equals < 0) {
                    break;
                }
                if (equals < end && header.substring(start, equals).trim().equals(name)) {
                    return header.substring(equals + 1, end).trim();
                }
            }
        }
        return null;
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        return request.tag(InetAddress.class);
    }

    @Override
    public <T> @Nullable T attribute(Class<T> type) {
        return request.tag(type);
    }

    /** The headers are left out: they hold secrets, and this is printed in logs. */
    @Override
    public String toString() {
        return request.method() + " " + request.url().redact();
    }
}
