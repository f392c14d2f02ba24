package io.lbclient.zookeeper;

import java.util.Map;

/**
 * What a registered instance says beside its address, as plain texts.
 *
 * @param facts the payload's texts, numbers and truth values
 * @param broken what is wrong with the node as a whole; empty if nothing is
 */
record Payload(Map<String, String> facts, String broken) {
    Payload {
        facts = Map.copyOf(facts);
    }
}
