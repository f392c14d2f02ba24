package io.lbclient.okhttp;

import java.util.List;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** The ways in which the tests talk to their servers. */
enum Transport {
    H1("http", List.of(Protocol.HTTP_1_1)),
    H1_TLS("https", List.of(Protocol.HTTP_1_1)),
    H2("https", List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)),
    H2C("http", List.of(Protocol.H2_PRIOR_KNOWLEDGE));

    static final String SERVICE = "orders.test";
    static final HeldCertificate ROOT =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    final String scheme;
    final List<Protocol> protocols;

    Transport(String scheme, List<Protocol> protocols) {
        this.scheme = scheme;
        this.protocols = protocols;
    }

    boolean tls() {
        return scheme.equals("https");
    }

    boolean http2() {
        return this == H2 || this == H2C;
    }

    static HandshakeCertificates certificateFor(String... names) {
        HeldCertificate.Builder held = new HeldCertificate.Builder().signedBy(ROOT);
        for (String name : names) {
            held.addSubjectAlternativeName(name);
        }
        return new HandshakeCertificates.Builder().heldCertificate(held.build()).build();
    }

    void serve(MockWebServer server) {
        server.setProtocols(protocols);
        if (tls()) {
            server.useHttps(Certificates.SERVICE_ONLY.sslSocketFactory());
        }
    }

    OkHttpClient.Builder client() {
        OkHttpClient.Builder client = new OkHttpClient.Builder().protocols(protocols);
        if (tls()) {
            HandshakeCertificates trust = Certificates.TRUST;
            client.sslSocketFactory(trust.sslSocketFactory(), trust.trustManager());
        }
        return client;
    }

    private static final class Certificates {
        static final HandshakeCertificates SERVICE_ONLY = certificateFor(SERVICE);
        static final HandshakeCertificates TRUST = new HandshakeCertificates.Builder()
                .addTrustedCertificate(ROOT.certificate())
                .build();
    }
}
