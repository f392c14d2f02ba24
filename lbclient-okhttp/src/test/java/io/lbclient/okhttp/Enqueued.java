package io.lbclient.okhttp;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;

/** Calls that run on the client's own threads, and what becomes of them. */
final class Enqueued {
    private Enqueued() {}

    /** The body of the answer. */
    static CompletableFuture<String> text(Call call) {
        CompletableFuture<String> text = new CompletableFuture<>();
        call.enqueue(new Callback() {
            @Override
            public void onFailure(Call failing, IOException e) {
                text.completeExceptionally(e);
            }

            @Override
            public void onResponse(Call answered, Response response) {
                try (response) {
                    text.complete(response.body().string());
                } catch (IOException e) {
                    text.completeExceptionally(e);
                }
            }
        });
        return text;
    }

    /** What the call fails with; an answer is an error. */
    static CompletableFuture<IOException> failure(Call call) {
        CompletableFuture<IOException> failed = new CompletableFuture<>();
        call.enqueue(new Callback() {
            @Override
            public void onFailure(Call failing, IOException e) {
                failed.complete(e);
            }

            @Override
            public void onResponse(Call answered, Response response) {
                response.close();
                failed.completeExceptionally(new AssertionError("answered"));
            }
        });
        return failed;
    }
}
