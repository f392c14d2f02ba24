package io.lbclient.notify;

import java.util.OptionalInt;

/**
 * The figures of a notice.
 *
 * @param out how many servers of the pool are known to be out
 * @param servers how many servers the pool has, where the pool said so
 * @param changes how many changes this one notice stands for, at least 1
 * @param seconds in what time they happened; 0 if there was one change
 */
record Counts(int out, OptionalInt servers, int changes, long seconds) {
    Counts changed(int times, long inSeconds) {
        return new Counts(out, servers, times, inSeconds);
    }
}
