package io.lbclient.broken;

import io.lbclient.broken.inner.OtherRoom;
import java.io.InputStream;
import java.io.ObjectInputStream;
import javax.net.ssl.HostnameVerifier;
import org.assertj.core.api.Assertions;

/** Asks the system for the time, holds a monitor, trusts everybody, and uses another room and a foreign library. */
public final class BreaksEverythingManager {
    /** Trusts everybody. */
    public static final HostnameVerifier ANYBODY = (name, session) -> true;

    private final OtherRoom room = new OtherRoom();

    /** Stands on the one leg that the house lets it stand on. */
    public BreaksEverythingManager() {}

    /**
     * Breaks the rules.
     *
     * @return the time
     */
    public long now() {
        synchronized (room) {
            Assertions.setMaxElementsForPrinting(100);
            return System.nanoTime() - System.currentTimeMillis() + (long) Math.random();
        }
    }

    /**
     * Breaks some more of them.
     *
     * @param stream where objects come from
     * @return whatever was in it
     * @throws Exception if anything goes wrong
     */
    public Object read(InputStream stream) throws Exception {
        Thread.sleep(1);
        Thread thread = new Thread(() -> {});
        thread.join(1);
        try (ObjectInputStream objects = new ObjectInputStream(stream)) {
            return objects.readObject();
        }
    }
}
