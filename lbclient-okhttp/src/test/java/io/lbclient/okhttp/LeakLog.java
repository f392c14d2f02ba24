package io.lbclient.okhttp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What OkHttp logs about response bodies that nobody closed. */
final class LeakLog extends Handler implements AutoCloseable {
    private static final Logger OKHTTP = Logger.getLogger("okhttp3.OkHttpClient");

    final List<String> leaks = new CopyOnWriteArrayList<>();

    LeakLog() {
        OKHTTP.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
        if (String.valueOf(record.getMessage()).contains("leaked")) {
            leaks.add(record.getMessage());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        OKHTTP.removeHandler(this);
    }
}
