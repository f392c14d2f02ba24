package io.lbclient.examples.routing;

import io.lbclient.RequestView;

/** A request that nobody sends, to ask a router where it would go. */
record ExplainedRequest(String method, String host, String path) implements RequestView {}
