package io.lbclient.notify;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What one POST says.
 *
 * @param notices the news, oldest first
 * @param labels what the user adds to every message
 * @param lost what will never be told
 * @param sentAt when the message was written
 */
record Message(List<Notice> notices, Map<String, String> labels, Lost lost, Instant sentAt) {
    /**
     * Notices that nobody got to read.
     *
     * @param overflowed dropped because too many waited
     * @param undelivered given up because the receiver did not take them
     */
    record Lost(long overflowed, long undelivered) {
        static final Lost NOTHING = new Lost(0, 0);

        Lost plus(long moreOverflowed, long moreUndelivered) {
            return new Lost(overflowed + moreOverflowed, undelivered + moreUndelivered);
        }
    }
}
