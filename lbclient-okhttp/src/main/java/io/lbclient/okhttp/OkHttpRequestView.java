package io.lbclient.okhttp;

import io.lbclient.RequestView;
import java.net.InetAddress;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** What may be read of an OkHttp request; its tags are the attributes, and one of type InetAddress the client. */
record OkHttpRequestView(Request request) implements RequestView {
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

    /** The cookies that the application set itself: those of a cookie jar are added on the way to the server. */
    @Override
    public @Nullable String cookie(String name) {
        for (String header : request.headers("Cookie")) {
            for (String pair : header.split(";")) {
                int equals = pair.indexOf('=');
                if (equals >= 0 && pair.substring(0, equals).trim().equals(name)) {
                    return pair.substring(equals + 1).trim();
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
