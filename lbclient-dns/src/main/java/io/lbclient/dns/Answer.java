package io.lbclient.dns;

import java.util.List;
import org.xbill.DNS.Record;

/**
 * What DNS says of one name and type.
 *
 * @param records the records of that type, with those of the names that the name is an alias for; none if the name has none
 * @param ttlSeconds how long that holds: the least TTL on the way, or that of the negative answer (RFC 2308)
 */
record Answer(List<Record> records, long ttlSeconds) {
    Answer {
        records = List.copyOf(records);
    }
}
