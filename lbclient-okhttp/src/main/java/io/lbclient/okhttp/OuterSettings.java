package io.lbclient.okhttp;

import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Interceptor;

/** Gives a nested call what interceptors above ours have changed for the call that it stands in for. */
final class OuterSettings {
    private OuterSettings() {}

    static Interceptor.Chain apply(Interceptor.Chain outer, Interceptor.Chain inner) {
        Interceptor.Chain chain = inner.withConnectTimeout(outer.connectTimeoutMillis(), TimeUnit.MILLISECONDS)
                .withReadTimeout(outer.readTimeoutMillis(), TimeUnit.MILLISECONDS)
                .withWriteTimeout(outer.writeTimeoutMillis(), TimeUnit.MILLISECONDS)
                .withDns(outer.getDns())
                .withSocketFactory(outer.getSocketFactory())
                .withRetryOnConnectionFailure(outer.getRetryOnConnectionFailure())
                .withAuthenticator(outer.getAuthenticator())
                .withProxyAuthenticator(outer.getProxyAuthenticator())
                .withCookieJar(outer.getCookieJar())
                .withCache(outer.getCache())
                .withProxy(outer.getProxy())
                .withProxySelector(outer.getProxySelector())
                .withHostnameVerifier(outer.getHostnameVerifier())
                .withCertificatePinner(outer.getCertificatePinner());
        SSLSocketFactory sockets = outer.getSslSocketFactoryOrNull();
        X509TrustManager trust = outer.getX509TrustManagerOrNull();
        boolean same = sockets == inner.getSslSocketFactoryOrNull() && trust == inner.getX509TrustManagerOrNull();
        return same ? chain : chain.withSslSocketFactory(sockets, trust);
    }
}
