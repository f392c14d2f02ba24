package io.lbclient.okhttp;

import io.lbclient.Affinity;
import io.lbclient.Attempt;
import java.util.List;
import java.util.stream.Stream;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** Binds a call's session to the server that answered, and hands what that gave to the cookie jar or to the caller. */
final class Stickiness {
    private Stickiness() {}

    /** Returns the answer, with what the caller is to carry where no cookie jar takes it. */
    static Response bind(Attempt attempt, Interceptor.Chain chain, Response response) {
        List<Affinity.Token> tokens = attempt.bind(name -> headers(name, chain.request(), response));
        Response result = response;
        for (Affinity.Token token : tokens) {
            result = token.carrier() == Affinity.Carrier.COOKIE
                    ? withCookie(token, chain, result)
                    : result.newBuilder().header(token.name(), token.value()).build();
        }
        return result;
    }

    /**
     * What the servers of the service themselves sent, first the answers that redirected within it: a login does, and it is
     * that answer which sets the session. Neither what the cache added counts, nor where a redirect led away.
     */
    private static List<String> headers(String name, Request asked, Response response) {
        Response prior = response.priorResponse();
        Stream<String> before = prior == null ? Stream.of() : headers(name, asked, prior).stream();
        Response own = response.networkResponse();
        HttpUrl url = response.request().url();
        boolean ofService = own != null
                && url.host().equals(asked.url().host())
                && url.port() == asked.url().port();
        return Stream.concat(before, ofService ? own.headers(name).stream() : Stream.of())
                .toList();
    }

    private static Response withCookie(Affinity.Token token, Interceptor.Chain chain, Response response) {
        HttpUrl url = chain.request().url();
        String text = token.name() + "=" + token.value() + "; Max-Age="
                + token.lifetime().toSeconds() + "; Path=/; HttpOnly" + (url.isHttps() ? "; Secure" : "");
        CookieJar jar = chain.getCookieJar();
        Cookie cookie = jar == CookieJar.NO_COOKIES ? null : Cookie.parse(url, text);
        if (cookie == null) {
            // The application's, who may hand it to a user of its own.
            return response.newBuilder().addHeader("Set-Cookie", text).build();
        }
        jar.saveFromResponse(url, List.of(cookie));
        return response;
    }
}
