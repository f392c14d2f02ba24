package io.lbclient.discovery;

import java.time.Duration;

/**
 * How the list of one pool stands that comes from a guarded source, at one moment.
 *
 * @param pool the pool's name
 * @param servers how many servers are in force
 * @param age how long ago the source last said what is in force, or, if it never did, how long ago it was subscribed to; a
 *     source that is told of changes and has none may be silent for long
 * @param updates how many lists the source has pushed
 * @param failures how often it has failed
 * @param failing whether its last word was a failure
 * @param doubted whether its last list is doubted, so that servers stay that it does not name
 * @param refused how many entries have been left out, each time counted
 * @param fromSnapshot whether the list is the one that an earlier run kept on disk
 */
public record DiscoveryStatus(
        String pool,
        int servers,
        Duration age,
        long updates,
        long failures,
        boolean failing,
        boolean doubted,
        long refused,
        boolean fromSnapshot) {}
