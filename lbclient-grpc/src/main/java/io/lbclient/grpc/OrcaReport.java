package io.lbclient.grpc;

import io.grpc.Metadata;
import io.lbclient.LoadReport;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the load report that a server adds to the end of an answer: an {@code xds.data.orca.v3.OrcaLoadReport} in
 * protobuf's wire format. The bytes may be anything, from anybody: what is not a report as a whole is none.
 */
final class OrcaReport {
    static final Metadata.Key<byte[]> KEY =
            Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private static final int MOST_BYTES = 8192;
    private static final int MOST_METRICS = 64;

    private final Map<String, Double> metrics = new LinkedHashMap<>();
    private double cpu;
    private double memory;
    private double rps;
    private double eps;
    private double application;

    private OrcaReport() {}

    static @Nullable LoadReport of(Metadata trailers) {
        byte[] bytes = trailers.get(KEY);
        return bytes == null ? null : parse(bytes);
    }

    static @Nullable LoadReport parse(byte[] bytes) {
        if (bytes.length > MOST_BYTES) {
            return null;
        }
        try {
            OrcaReport report = new OrcaReport();
            ProtoReader.read(ByteBuffer.wrap(bytes), report::field);
            return new LoadReport(
                    report.application, report.cpu, report.memory, report.rps, report.eps, report.metrics);
        } catch (ProtoReader.Malformed e) {
            return null;
        }
    }

    private void field(int number, ProtoReader.Value value) throws ProtoReader.Malformed {
        switch (number) {
            case 1 -> cpu = value.asDouble();
            case 2 -> memory = value.asDouble();
            case 4 -> entry("request_cost.", value.asMessage());
            case 5 -> entry("utilization.", value.asMessage());
            case 6 -> rps = value.asDouble();
            case 7 -> eps = value.asDouble();
            case 8 -> entry("named_metrics.", value.asMessage());
            case 9 -> application = value.asDouble();
            // 3 is an old form of 6, in whole numbers; others are of a later version.
            default -> {}
        }
    }

    private void entry(String prefix, ByteBuffer entry) throws ProtoReader.Malformed {
        String[] name = {""};
        double[] amount = {0};
        ProtoReader.read(entry, (number, value) -> {
            if (number == 1) {
                name[0] = value.asText();
            } else if (number == 2) {
                amount[0] = value.asDouble();
            }
        });
        if (metrics.size() < MOST_METRICS) {
            metrics.put(prefix + name[0], amount[0]);
        }
    }
}
