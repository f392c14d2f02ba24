package io.lbclient.okhttp;

import java.io.IOException;
import okhttp3.Call;
import okhttp3.EventListener;

/** Tells whoever waits for something on behalf of a call that the call was canceled. */
final class Canceled extends EventListener {
    private final Runnable told;

    private Canceled(Runnable told) {
        this.told = told;
    }

    /** Runs something when a call is canceled, at once if it is already; perhaps twice. */
    static void tells(Call call, Runnable told) {
        call.addEventListener(new Canceled(told));
        // Asked after the listener was added, or a cancel in between would be told to nobody.
        if (call.isCanceled()) {
            told.run();
        }
    }

    @Override
    public void canceled(Call call) {
        told.run();
    }

    static void check(Call call) throws IOException {
        if (call.isCanceled()) {
            throw failure();
        }
    }

    /** What a canceled call fails with, in OkHttp's words. */
    static IOException failure() {
        return new IOException("Canceled");
    }
}
