package io.lbclient.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is another one: every call goes to a plain socket of the JDK, so all that a socket does it does as that
 * one does.
 *
 * <p>Before it is connected it is a plain socket that is not connected either, and remembers what was set, because the
 * socket that gets the connection in the end may be another one.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // the socket behind it does its own locking
abstract class DelegatingSocket extends Socket {
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock. In the order in which they were made: of two ways to set one option the last one counts, and
    // some options must be set before an address is bound, or they come too late.
    private final Map<Key, Setting> settings = new LinkedHashMap<>();
    private volatile Socket delegate = new Socket();
    private volatile boolean portOfItsOwn;

    /** Sets one option. */
    @FunctionalInterface
    private interface Setting {
        void on(Socket socket) throws IOException;
    }

    private record Key(Object option, boolean bound) {}

    final Socket delegate() {
        return delegate;
    }

    final void delegateTo(Socket connected) {
        delegate = connected;
        lock.lock();
        try {
            settings.clear();
        } finally {
            lock.unlock();
        }
    }

    /** A plain socket with the same settings. */
    final Socket likeThis() throws IOException {
        Socket socket = new Socket();
        try {
            for (Setting setting : made()) {
                setting.on(socket);
            }
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    private List<Setting> made() {
        lock.lock();
        try {
            return List.copyOf(settings.values());
        } finally {
            lock.unlock();
        }
    }

    private void set(Object option, Setting setting) throws IOException {
        Key key = new Key(option, delegate.isBound());
        setting.on(delegate);
        if (isConnected()) {
            return;
        }
        lock.lock();
        try {
            settings.remove(key);
            settings.put(key, setting);
        } finally {
            lock.unlock();
        }
    }

    private void option(String key, Setting setting) throws SocketException {
        try {
            set(key, setting);
        } catch (SocketException e) {
            throw e;
        } catch (IOException e) {
            throw (SocketException) new SocketException(e.getMessage()).initCause(e);
        }
    }

    @Override
    public void bind(@Nullable SocketAddress address) throws IOException {
        set("bind", socket -> socket.bind(address));
        portOfItsOwn = address instanceof InetSocketAddress local && local.getPort() != 0;
    }

    /** Whether it was bound to one port, so that no second socket can be at the same time. */
    final boolean hasPortOfItsOwn() {
        return portOfItsOwn;
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return delegate.getInetAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return delegate.getLocalAddress();
    }

    @Override
    public int getPort() {
        return delegate.getPort();
    }

    @Override
    public int getLocalPort() {
        return delegate.getLocalPort();
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return delegate.getRemoteSocketAddress();
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return delegate.getLocalSocketAddress();
    }

    /** Returns null, as every socket does that was not made by a channel. */
    @Override
    public @Nullable SocketChannel getChannel() {
        return null;
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        option("tcpNoDelay", socket -> socket.setTcpNoDelay(on));
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return delegate.getTcpNoDelay();
    }

    @Override
    public void setSoLinger(boolean on, int seconds) throws SocketException {
        option("soLinger", socket -> socket.setSoLinger(on, seconds));
    }

    @Override
    public int getSoLinger() throws SocketException {
        return delegate.getSoLinger();
    }

    @Override
    public void setOOBInline(boolean on) throws SocketException {
        option("oobInline", socket -> socket.setOOBInline(on));
    }

    @Override
    public boolean getOOBInline() throws SocketException {
        return delegate.getOOBInline();
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        option("soTimeout", socket -> socket.setSoTimeout(millis));
    }

    @Override
    public int getSoTimeout() throws SocketException {
        return delegate.getSoTimeout();
    }

    @Override
    public void setSendBufferSize(int size) throws SocketException {
        option("sendBufferSize", socket -> socket.setSendBufferSize(size));
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        return delegate.getSendBufferSize();
    }

    @Override
    public void setReceiveBufferSize(int size) throws SocketException {
        option("receiveBufferSize", socket -> socket.setReceiveBufferSize(size));
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return delegate.getReceiveBufferSize();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        option("keepAlive", socket -> socket.setKeepAlive(on));
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        return delegate.getKeepAlive();
    }

    @Override
    public void setTrafficClass(int value) throws SocketException {
        option("trafficClass", socket -> socket.setTrafficClass(value));
    }

    @Override
    public int getTrafficClass() throws SocketException {
        return delegate.getTrafficClass();
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        option("reuseAddress", socket -> socket.setReuseAddress(on));
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        return delegate.getReuseAddress();
    }

    @Override
    public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        delegate.setPerformancePreferences(connectionTime, latency, bandwidth);
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
        set(name, socket -> socket.setOption(name, value));
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return delegate.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return delegate.supportedOptions();
    }

    @Override
    public void sendUrgentData(int data) throws IOException {
        delegate.sendUrgentData(data);
    }

    @Override
    public void shutdownInput() throws IOException {
        delegate.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        delegate.shutdownOutput();
    }

    @Override
    public boolean isInputShutdown() {
        return delegate.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return delegate.isOutputShutdown();
    }

    @Override
    public boolean isBound() {
        return delegate.isBound();
    }
}
