package io.lbclient.okhttp;

import java.io.IOException;
import java.net.Proxy;
import java.net.UnknownHostException;
import okhttp3.CookieJar;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.Request;

/**
 * Makes a call give its connection back to the pool, so that it can go to another server.
 *
 * <p>OkHttp keeps the connection that a call holds as long as the next request has the same host and port, whatever its
 * Dns: a second attempt pinned to another server would be sent to the first one again. So the call is led past a host
 * that has no address. No socket is opened and nothing is looked up; the connection goes back healthy.
 */
final class ReleaseHop {
    private static final Request NOWHERE =
            new Request.Builder().url("https://release-hop.invalid/").build();
    private static final Dns NO_ADDRESS = host -> {
        throw new UnknownHostException("release hop");
    };

    private ReleaseHop() {}

    static void make(Interceptor.Chain chain, CallState state) throws IOException {
        try {
            chain.withDns(NO_ADDRESS)
                    .withProxy(Proxy.NO_PROXY)
                    .withCache(null)
                    .withCookieJar(CookieJar.NO_COOKIES)
                    .withRetryOnConnectionFailure(false)
                    .proceed(NOWHERE)
                    .close();
        } catch (IOException expected) {
            // It has nowhere to go.
        }
        Canceled.check(chain.call());
        if (state.held() != null) {
            // The way OkHttp plans its routes is not documented: if it changes, fail rather than ask the wrong server.
            throw new IllegalStateException("OkHttp kept the connection to " + state.held()
                    + " (expected: an OkHttp that this version of lbclient was tested with)");
        }
    }
}
