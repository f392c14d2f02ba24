package io.lbclient.okhttp;

import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Goes straight to the servers of a service, and to any other host, where a redirect may lead, as the client does.
 *
 * <p>Through a proxy the name of the service, not the server picked, would reach the proxy. Equal by value, because
 * OkHttp shares a connection only between equal selectors.
 */
final class ServiceProxies extends ProxySelector {
    private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

    private final String service;
    private final @Nullable Proxy proxy;
    private final ProxySelector selector;

    ServiceProxies(String service, @Nullable Proxy proxy, ProxySelector selector) {
        this.service = service;
        this.proxy = proxy;
        this.selector = selector;
    }

    @Override
    public List<Proxy> select(URI uri) {
        if (service.equals(uri.getHost())) {
            return DIRECT;
        }
        return proxy != null ? List.of(proxy) : selector.select(uri);
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        if (proxy == null) {
            selector.connectFailed(uri, address, failure);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServiceProxies that
                && service.equals(that.service)
                && Objects.equals(proxy, that.proxy)
                && selector.equals(that.selector);
    }

    @Override
    public int hashCode() {
        return Objects.hash(service, proxy, selector);
    }
}
