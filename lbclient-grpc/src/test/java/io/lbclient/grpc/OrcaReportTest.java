package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.lbclient.LoadReport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a server says at the end of an answer, which may be anything. */
class OrcaReportTest {
    private static byte[] report() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, 1, 0.25);
        number(out, 2, 0.5);
        // The old whole-numbered rate, which is not read.
        out.write(3 << 3);
        out.write(42);
        entry(out, 4, "db", 3);
        entry(out, 5, "gpu", 0.75);
        number(out, 6, 100.5);
        number(out, 7, 1.5);
        entry(out, 8, "queue", 4);
        number(out, 9, 0.9);
        // A field of a later version.
        out.write(15 << 3 | 5);
        out.writeBytes(new byte[4]);
        return out.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int field, double value) {
        out.write(field << 3 | 1);
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array());
    }

    private static void entry(ByteArrayOutputStream out, int field, String name, double value) {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        entry.write(1 << 3 | 2);
        entry.write(text.length);
        entry.writeBytes(text);
        number(entry, 2, value);
        // A field of a later version.
        number(entry, 3, -1);
        out.write(field << 3 | 2);
        out.write(entry.size());
        out.writeBytes(entry.toByteArray());
    }

    @Test
    void everyFieldIsRead() {
        LoadReport report = OrcaReport.parse(report());
        assertThat(report).isNotNull();
        assertThat(report.cpuUtilization()).isEqualTo(0.25);
        assertThat(report.memUtilization()).isEqualTo(0.5);
        assertThat(report.rps()).isEqualTo(100.5);
        assertThat(report.eps()).isEqualTo(1.5);
        assertThat(report.applicationUtilization()).isEqualTo(0.9);
        assertThat(report.metrics())
                .containsEntry("utilization.gpu", 0.75)
                .containsEntry("named_metrics.queue", 4.0)
                .containsEntry("request_cost.db", 3.0)
                .hasSize(3);
    }

    @Test
    void anEmptyReportSaysNothingAndACutOneIsNone() {
        assertThat(OrcaReport.parse(new byte[0])).isEqualTo(new LoadReport(0, 0, 0, 0, 0, java.util.Map.of()));
        assertThat(OrcaReport.parse(java.util.Arrays.copyOf(report(), report().length - 1)))
                .isNull();
        assertThat(OrcaReport.parse(new byte[9000])).isNull();
        // A number where a message belongs.
        assertThat(OrcaReport.parse(new byte[] {8 << 3, 1})).isNull();
        // A field without a number, one of a number that is too large, and a number that does not end.
        assertThat(OrcaReport.parse(new byte[] {0, 0})).isNull();
        assertThat(OrcaReport.parse(new byte[] {-128, -128, -128, -128, 16, 0})).isNull();
        assertThat(OrcaReport.parse(new byte[] {3 << 3, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}))
                .isNull();
    }

    @Test
    void aReportMayBeOf8KilobytesAndNotMore() {
        LoadReport longest = OrcaReport.parse(ofLength(8192));
        assertThat(longest).isNotNull();
        assertThat(longest.cpuUtilization()).isEqualTo(0.25);
        assertThat(OrcaReport.parse(ofLength(8193))).isNull();
    }

    /** With a text of a later version at its end. */
    private static byte[] ofLength(int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(report());
        int rest = length - out.size() - 3;
        out.write(15 << 3 | 2);
        out.write(rest & 0x7f | 0x80);
        out.write(rest >> 7);
        out.writeBytes(new byte[rest]);
        return out.toByteArray();
    }

    @Test
    void of65MetricsTheFirst64AreRead() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 1; i <= 65; i++) {
            entry(out, 8, "queue" + i, i);
        }
        LoadReport report = OrcaReport.parse(out.toByteArray());
        assertThat(report).isNotNull();
        assertThat(report.metrics()).hasSize(64).containsEntry("named_metrics.queue64", 64.0);
    }

    @Test
    void noBytesMakeItThrow() {
        Random random = new Random(11);
        byte[] good = report();
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = random.nextBoolean() ? good.clone() : new byte[random.nextInt(64)];
            if (bytes.length == good.length) {
                for (int change = 0; change < 3; change++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            } else {
                random.nextBytes(bytes);
            }
            LoadReport report = OrcaReport.parse(bytes);
            if (report != null) {
                assertThat(report.cpuUtilization()).isNotNegative();
                assertThat(report.metrics().size()).isLessThanOrEqualTo(64);
            }
        }
    }

    @Test
    void aPushBackIsMillisecondsOrNothing() {
        assertThat(pushBack("250")).isEqualTo(Duration.ofMillis(250));
        assertThat(pushBack("0")).isEqualTo(Duration.ZERO);
        assertThat(pushBack("999999999")).isEqualTo(Duration.ofMillis(999_999_999));
        assertThat(pushBack("9999999999")).isEqualTo(Duration.ofMillis(Integer.MAX_VALUE));
        assertThat(pushBack("99999999999999999999")).isEqualTo(Duration.ofMillis(Integer.MAX_VALUE));
        for (String nothing : new String[] {"-1", "", "soon", "1.5", " 7"}) {
            assertThat(pushBack(nothing)).as(nothing).isNull();
        }
        assertThat(PushBack.of(new Metadata())).isNull();
    }

    private static Duration pushBack(String value) {
        Metadata trailers = new Metadata();
        trailers.put(PushBack.KEY, value);
        return PushBack.of(trailers);
    }
}
