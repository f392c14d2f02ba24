package io.lbclient.okhttp;

import io.lbclient.Server;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import javax.net.SocketFactory;
import okhttp3.Connection;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Leads a call to one server: resolves the service's name to that server's addresses, and any other name, where a
 * redirect may lead, as the client does.
 *
 * <p>OkHttp shares a connection only between calls whose Dns are equal, so the equality of pins is what gives each
 * server connections of its own. It is by value: all calls to a server share its connections.
 */
final class ServerPin implements Dns {
    private static final AtomicReferenceFieldUpdater<ServerPin, @Nullable Link> LINK =
            AtomicReferenceFieldUpdater.newUpdater(ServerPin.class, Link.class, "link");

    private final String service;
    private final int servicePort;
    private final Server server;
    private final Dns dns;
    private final SocketFactory sockets;
    /** The connection that was made with this pin, once a call has used it. Not part of the pin's value. */
    private volatile @Nullable Link link;

    ServerPin(HttpUrl url, Server server, Dns dns, SocketFactory sockets) {
        this.service = url.host();
        this.servicePort = url.port();
        this.server = server;
        this.dns = dns;
        this.sockets = sockets;
    }

    Server server() {
        return server;
    }

    /** Returns the link of a connection that was made with this pin, the same one for all calls that come by. */
    Link link(Connection connection, Connections home) {
        Link known = link;
        while (known == null || !known.isOf(connection)) {
            Link made = new Link(this, connection, home);
            if (LINK.compareAndSet(this, known, made)) {
                home.remember(made);
                return made;
            }
            known = link;
        }
        return known;
    }

    /** Returns the chain that leads to the server. */
    Interceptor.Chain on(Interceptor.Chain chain) throws IOException {
        Interceptor.Chain pinned = chain.withDns(this)
                .withProxySelector(new ServiceProxies(service, chain.getProxy(), chain.getProxySelector()))
                .withProxy(null)
                .withRetryOnConnectionFailure(false);
        // OkHttp takes the port from the URL; only a socket can take another one. With equal ports the client's
        // factory stays as it is.
        return server.port() == servicePort ? pinned : pinned.withSocketFactory(otherPort());
    }

    /** Returns a client that leads to the server, for calls that are no attempts of a pool. */
    OkHttpClient on(OkHttpClient client) throws IOException {
        OkHttpClient.Builder pinned = client.newBuilder()
                .dns(this)
                .proxySelector(new ServiceProxies(service, client.proxy(), client.proxySelector()))
                .proxy(null);
        return (server.port() == servicePort ? pinned : pinned.socketFactory(otherPort())).build();
    }

    private SocketFactory otherPort() throws IOException {
        if (sockets.getClass() != SocketFactory.getDefault().getClass()) {
            throw new IOException(service + ": the client's SocketFactory ("
                    + sockets.getClass().getName() + ") cannot reach server " + server.id()
                    + " on another port than the URL's, " + servicePort);
        }
        return new OtherPortFactory(service, servicePort, server.port());
    }

    @Override
    public List<InetAddress> lookup(String hostname) throws UnknownHostException {
        if (!hostname.equals(service)) {
            return dns.lookup(hostname);
        }
        List<InetAddress> found =
                isAddress(server.host()) ? List.of(InetAddress.getByName(server.host())) : dns.lookup(server.host());
        List<InetAddress> labelled = new ArrayList<>(found.size());
        for (InetAddress address : found) {
            labelled.add(labelled(address));
        }
        return labelled;
    }

    /** With the service's name as its label an address is never looked up backwards, and the socket knows it. */
    private InetAddress labelled(InetAddress address) throws UnknownHostException {
        if (address instanceof Inet6Address six && six.getScopeId() != 0) {
            return Inet6Address.getByAddress(service, six.getAddress(), six.getScopeId());
        }
        return InetAddress.getByAddress(service, address.getAddress());
    }

    /** The client's Dns may be unable to resolve what needs no resolving. */
    static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServerPin that
                && server.port() == that.server.port()
                && server.host().equals(that.server.host())
                && service.equals(that.service)
                && servicePort == that.servicePort
                && dns.equals(that.dns)
                && sockets.equals(that.sockets);
    }

    @Override
    public int hashCode() {
        return Objects.hash(service, servicePort, server.host(), server.port());
    }

    @Override
    public String toString() {
        return "server " + server.id() + " of " + service;
    }

    /** Makes sockets that connect to another port when they are asked for the service's. */
    private static final class OtherPortFactory extends SocketFactory {
        private final String service;
        private final int servicePort;
        private final int serverPort;

        OtherPortFactory(String service, int servicePort, int serverPort) {
            this.service = service;
            this.servicePort = servicePort;
            this.serverPort = serverPort;
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress endpoint, int timeout) throws IOException {
                    super.connect(redirected(endpoint), timeout);
                }
            };
        }

        private SocketAddress redirected(SocketAddress endpoint) {
            return endpoint instanceof InetSocketAddress asked
                            && asked.getPort() == servicePort
                            && asked.getHostString().equals(service)
                    ? new InetSocketAddress(asked.getAddress(), serverPort)
                    : endpoint;
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException("OkHttp connects its sockets itself");
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException("OkHttp connects its sockets itself");
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException("OkHttp connects its sockets itself");
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException("OkHttp connects its sockets itself");
        }
    }
}
