package io.lbclient.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Certificates for names, made by the JDK's own tool and good for a day. */
final class Certificates {
    private static final String PASSWORD = "changeit";

    private final Path folder;

    Certificates(Path folder) {
        this.folder = folder;
    }

    /** A certificate that signs itself. */
    ServerCredentials serverOf(String name) {
        try {
            Path store = folder.resolve(name + ".p12");
            run(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "key",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + name,
                    "-ext",
                    "SAN=dns:" + name,
                    "-validity",
                    "1",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    PASSWORD,
                    "-keypass",
                    PASSWORD));
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            PrivateKey key = (PrivateKey) keys.getKey("key", PASSWORD.toCharArray());
            Certificate certificate = keys.getCertificate("key");
            File certificateFile = pem(name + ".crt", "CERTIFICATE", certificate.getEncoded());
            File keyFile = pem(name + ".key", "PRIVATE KEY", key.getEncoded());
            return TlsServerCredentials.create(certificateFile, keyFile);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A client that trusts the certificates of these names. */
    ChannelCredentials trusting(String... names) {
        try {
            StringBuilder all = new StringBuilder();
            for (String name : names) {
                all.append(Files.readString(folder.resolve(name + ".crt")));
            }
            Path trusted = folder.resolve("trusted-" + String.join("-", names) + ".crt");
            Files.writeString(trusted, all);
            return TlsChannelCredentials.newBuilder()
                    .trustManager(trusted.toFile())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private File pem(String file, String type, byte[] bytes) throws IOException {
        String text = "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + type + "-----\n";
        return Files.write(folder.resolve(file), text.getBytes(StandardCharsets.US_ASCII))
                .toFile();
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(output);
        }
    }
}
