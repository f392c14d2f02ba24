package io.lbclient.okhttp;

import io.lbclient.Attempt;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** How a call's attempts failed, and the one exception that its caller gets. Used by one thread at a time. */
final class Failures {
    private final String pool;
    private final List<IOException> earlier = new ArrayList<>(2);
    private String note = "";

    Failures(String pool) {
        this.pool = pool;
    }

    /** Notes a failure that is not the last. */
    void add(IOException failure) {
        earlier.add(failure);
    }

    /** Notes why nothing more was tried. */
    void note(String why) {
        note = "; " + why;
    }

    /** The last failure as it is, with the earlier ones suppressed: for what did not come from a server. */
    IOException plain(IOException last) {
        for (IOException failure : earlier) {
            if (failure != last) {
                last.addSuppressed(failure);
            }
        }
        return last;
    }

    /** The last failure, with a message that says where it was tried, and the earlier ones suppressed. */
    IOException of(Attempt attempt, IOException last) {
        IOException told = like(last, message(attempt, last));
        if (told.getCause() == null && told != last) {
            told.initCause(last);
        }
        return plain(told);
    }

    private String message(Attempt last, IOException failure) {
        List<String> servers = new ArrayList<>();
        for (Attempt attempt = last; attempt != null; attempt = attempt.previous()) {
            servers.add(0, attempt.server().id());
        }
        return pool + ": " + servers.size() + (servers.size() == 1 ? " attempt" : " attempts") + " failed, at "
                + String.join(", ", servers) + note + ": "
                + (failure.getMessage() == null ? failure.getClass().getName() : failure.getMessage());
    }

    /** Callers tell failures apart by their types, so the type stays where it is one that a caller may know. */
    private static IOException like(IOException failure, String message) {
        if (failure instanceof SocketTimeoutException) {
            return new SocketTimeoutException(message);
        } else if (failure instanceof InterruptedIOException) {
            return failure;
        } else if (failure instanceof ConnectException) {
            return new ConnectException(message);
        } else if (failure instanceof SocketException) {
            return new SocketException(message);
        } else if (failure instanceof UnknownHostException) {
            return new UnknownHostException(message);
        } else if (failure instanceof SSLHandshakeException) {
            return new SSLHandshakeException(message);
        } else if (failure instanceof SSLPeerUnverifiedException) {
            return new SSLPeerUnverifiedException(message);
        } else if (failure instanceof SSLException) {
            return new SSLException(message);
        } else if (failure instanceof ProtocolException) {
            return new ProtocolException(message);
        } else if (failure instanceof EOFException) {
            return new EOFException(message);
        }
        return new IOException(message);
    }
}
