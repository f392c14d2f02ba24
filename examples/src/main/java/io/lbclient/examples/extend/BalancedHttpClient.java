package io.lbclient.examples.extend;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;

/** An adapter: Java's own HTTP client over a pool. Only what was certainly not sent goes on to another server. */
record BalancedHttpClient(HttpClient client, ServerPool pool) {
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> body) throws IOException, InterruptedException {
        pool.retryBudget().request();
        Attempt attempt = pool.pick();
        while (true) {
            try {
                HttpResponse<T> response = client.send(at(attempt.server(), request), body);
                attempt.complete(outcome(response.statusCode()));
                return response;
            } catch (ConnectException | HttpConnectTimeoutException notSent) {
                attempt.complete(Outcome.CONNECT_FAILURE);
                if (!attempt.hasAnother() || !pool.retryBudget().tryAcquire()) {
                    throw notSent;
                }
            } catch (IOException e) {
                attempt.complete(e instanceof HttpTimeoutException ? Outcome.TIMEOUT : Outcome.FAILURE);
                throw e;
            } finally {
                attempt.close(); // an interrupted caller says nothing about the server
            }
            attempt = attempt.another();
        }
    }

    private static Outcome outcome(int status) {
        if (status == 429 || status == 503) {
            return Outcome.OVERLOADED;
        }
        return status >= 500 ? Outcome.FAILURE : Outcome.SUCCESS;
    }

    private static HttpRequest at(Server server, HttpRequest request) {
        URI uri = request.uri();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String host = server.host().contains(":") ? "[" + server.host() + "]" : server.host();
        String there = uri.getScheme() + "://" + host + ":" + server.port() + uri.getRawPath() + query;
        return HttpRequest.newBuilder(request, (name, value) -> true)
                .uri(URI.create(there))
                .build();
    }
}
