package io.lbclient.okhttp;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.EventListener;

/** Lets a thread wait that a cancel of the call must wake. */
final class Canceled extends EventListener {
    private final CountDownLatch latch = new CountDownLatch(1);

    @Override
    public void canceled(Call call) {
        latch.countDown();
    }

    /** True if the call was canceled. */
    boolean await(long time, TimeUnit unit) throws InterruptedException {
        return latch.await(time, unit);
    }
}
