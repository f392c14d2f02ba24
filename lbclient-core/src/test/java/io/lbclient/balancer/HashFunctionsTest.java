package io.lbclient.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.RequestView;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashFunctionsTest {
    private static String bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) i;
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Published for the bytes 0 to n-1. */
    @ParameterizedTest
    @CsvSource({
        "0, -1205034819632174695",
        "1, -1642502924627794072",
        "2, 5216751715308240086",
        "3, -1889335612763511331",
        "4, -13835840860730338"
    })
    void xxh64OfCountedBytesIsAsPublished(int count, long expected) {
        assertThat(XxHash64.hash(bytes(count), 0)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "a, d24ec4f1a98c6e5b",
        "abc, 44bc2cf5ad770999",
        "foo, 33bf00a859c4ba3f",
        "message digest, 066ed728fceeb3be",
        "abcdefghijklmnopqrstuvwxyz, cfe1f278fa89835c"
    })
    void xxh64OfTextIsAsKnown(String text, String expected) {
        assertThat(XxHash64.hash(text, 0)).isEqualTo(Long.parseUnsignedLong(expected, 16));
    }

    /** Long inputs take another path, of four lanes; the reference here is a second reading of the specification. */
    @Test
    void xxh64OfAnyLengthAndSeedIsThatOfTheSpecification() {
        SplittableRandom random = new SplittableRandom(1);
        for (int length = 0; length < 200; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            long seed = random.nextLong();
            assertThat(XxHash64.hash(new String(bytes, StandardCharsets.ISO_8859_1), seed))
                    .as("length %d", length)
                    .isEqualTo(specified(bytes, seed));
        }
    }

    private static long specified(byte[] bytes, long seed) {
        long p1 = 0x9E3779B185EBCA87L;
        long p2 = 0xC2B2AE3D27D4EB4FL;
        long p3 = 0x165667B19E3779F9L;
        long p4 = 0x85EBCA77C2B2AE63L;
        long p5 = 0x27D4EB2F165667C5L;
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long acc;
        if (bytes.length < 32) {
            acc = seed + p5;
        } else {
            long[] lanes = {seed + p1 + p2, seed + p2, seed, seed - p1};
            while (in.remaining() >= 32) {
                for (int i = 0; i < 4; i++) {
                    lanes[i] = Long.rotateLeft(lanes[i] + in.getLong() * p2, 31) * p1;
                }
            }
            acc = Long.rotateLeft(lanes[0], 1)
                    + Long.rotateLeft(lanes[1], 7)
                    + Long.rotateLeft(lanes[2], 12)
                    + Long.rotateLeft(lanes[3], 18);
            for (long lane : lanes) {
                acc = (acc ^ Long.rotateLeft(lane * p2, 31) * p1) * p1 + p4;
            }
        }
        acc += bytes.length;
        while (in.remaining() >= 8) {
            acc = Long.rotateLeft(acc ^ Long.rotateLeft(in.getLong() * p2, 31) * p1, 27) * p1 + p4;
        }
        while (in.remaining() >= 4) {
            acc = Long.rotateLeft(acc ^ Integer.toUnsignedLong(in.getInt()) * p1, 23) * p2 + p3;
        }
        while (in.hasRemaining()) {
            acc = Long.rotateLeft(acc ^ Byte.toUnsignedLong(in.get()) * p5, 11) * p1;
        }
        acc = (acc ^ acc >>> 33) * p2;
        acc = (acc ^ acc >>> 29) * p3;
        return acc ^ acc >>> 32;
    }

    @Test
    void crc32IsThatOfThePlatform() {
        SplittableRandom random = new SplittableRandom(2);
        for (int length = 0; length < 100; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            CRC32 platform = new CRC32();
            platform.update(bytes);
            assertThat(Crc32.of(new String(bytes, StandardCharsets.ISO_8859_1))).isEqualTo(platform.getValue());
        }
    }

    @Test
    void md5IsThatOfThePlatform() throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        for (int length = 0; length < 200; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            ByteBuffer platform = ByteBuffer.wrap(
                            MessageDigest.getInstance("MD5").digest(bytes))
                    .order(ByteOrder.LITTLE_ENDIAN);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            long[] halves = new long[2];
            assertThat(Md5.digest(text, halves)).isEqualTo(platform.getLong(0));
            assertThat(halves).containsExactly(platform.getLong(0), platform.getLong(8));
            assertThat(Md5.first(text)).isEqualTo(Integer.toUnsignedLong(platform.getInt(0)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "255.255.255.255, 255.255.255.255",
        "1.20.133.4, 1.20.133.4",
        "::1, ::1",
        "::, ::",
        "2001:db8::1, 2001:db8::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "FE80:0:0:0:A:B:C:D, fe80::a:b:c:d"
    })
    void anAddressIsHashedAsItsShortestText(String address, String text) throws Exception {
        InetAddress key = InetAddress.getByName(address);
        assertThat(KeyText.of(key)).isEqualTo(text);
        assertThat(XxHash64.hashKey(key, 5)).isEqualTo(XxHash64.hash(text, 5));
    }

    @Test
    void anyIpv4AddressHashesLikeItsText() throws Exception {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[4];
            random.nextBytes(bytes);
            // Octets of one, two and three digits alike.
            bytes[i % 4] = (byte) random.nextInt(i % 3 == 0 ? 10 : 100);
            InetAddress address = InetAddress.getByAddress(bytes);
            assertThat(XxHash64.hashKey(address, i)).isEqualTo(XxHash64.hash(address.getHostAddress(), i));
        }
    }

    @Test
    void textIsHashedAsUtf8AndOtherThingsAsTheirText() {
        String text = "Gr\u00fc\u00dfe, \u4e16\u754c \ud83d\ude00";
        String utf8 = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(KeyText.of(text)).isEqualTo(utf8);
        assertThat(KeyText.of(Locale.GERMANY)).isEqualTo("de_DE");
        assertThat(KeyText.of(4711L)).isEqualTo("4711");
    }

    @Test
    void keysAreReadFromTheRequest() throws Exception {
        InetAddress client = InetAddress.getByName("192.0.2.7");
        RequestView request = new RequestView() {
            @Override
            public String path() {
                return "/a";
            }

            @Override
            public String header(String name) {
                return name.equals("x-user") ? "u" : null;
            }

            @Override
            public String cookie(String name) {
                return name.equals("id") ? "c" : "";
            }

            @Override
            public InetAddress clientAddress() {
                return client;
            }

            @Override
            public <T> T attribute(Class<T> type) {
                return type == Long.class ? type.cast(9L) : null;
            }
        };
        assertThat(HashKey.path().read(request)).isEqualTo("/a");
        assertThat(HashKey.header("x-user").read(request)).isEqualTo("u");
        assertThat(HashKey.cookie("id").read(request)).isEqualTo("c");
        assertThat(HashKey.clientAddress().read(request)).isEqualTo(client);
        assertThat(HashKey.attribute(Long.class).read(request)).isEqualTo(9L);
        assertThat(HashKey.of(r -> r.path() + "!").read(request)).isEqualTo("/a!");
        assertThat(HashKey.header("none").orElse(HashKey.path()).read(request)).isEqualTo("/a");
        assertThat(HashKey.cookie("empty").orElse(HashKey.path()).read(request)).isEqualTo("/a");
        assertThat(HashKey.cookie("id").orElse(HashKey.path()).read(request)).isEqualTo("c");
    }
}
