package io.lbclient.examples.sessions;

import io.lbclient.session.SessionCarrier;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** One user with a cookie jar, and, where sessions are in a claim, with a JWT. */
final class User {
    private static final HttpUrl URL = HttpUrl.get("http://shop/cart");

    private final String name;
    private final Kind kind;
    private final OkHttpClient client;
    private @Nullable String jwt;

    /** Where the session began, and where the last request went. */
    String home = "";

    String last = "";

    User(String name, Kind kind, OkHttpClient balanced) {
        this.name = name;
        this.kind = kind;
        client = balanced.newBuilder().cookieJar(new Jar()).build();
    }

    /** Sends a request. */
    void visit() throws IOException {
        SessionCarrier carrier = new SessionCarrier(null);
        Request.Builder request = new Request.Builder().url(URL).header("X-User", name);
        if (jwt != null) {
            request.header("Authorization", jwt);
        }
        if (kind == Kind.CLAIM) {
            request.tag(SessionCarrier.class, carrier);
        }
        try (Response response = client.newCall(request.build()).execute()) {
            String body = response.body().string();
            if (response.code() != 200) {
                throw new IOException("answered with " + response.code());
            }
            last = body.substring(0, body.indexOf(' '));
        }
        String issued = carrier.issued();
        if (issued != null) {
            // The application signs a new JWT for its user.
            jwt = Kind.jwt(name, issued);
        }
    }

    /** The cookies of one host. */
    private static final class Jar implements CookieJar {
        private final Map<String, Cookie> cookies = new ConcurrentHashMap<>();

        @Override
        public void saveFromResponse(HttpUrl url, List<Cookie> given) {
            given.forEach(cookie -> cookies.put(cookie.name(), cookie));
        }

        @Override
        public List<Cookie> loadForRequest(HttpUrl url) {
            return List.copyOf(cookies.values());
        }
    }
}
