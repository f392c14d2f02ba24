package io.lbclient.grpc;

/** Which version of gRPC the tests run with. */
final class Versions {
    private Versions() {}

    /** Whether it is this minor version of 1 or a later one. */
    static boolean atLeast(int minor) {
        // Without Maven, it is the one that the library is compiled against.
        String[] parts = System.getProperty("grpc.version", "1.85.1").split("\\.", -1);
        return Integer.parseInt(parts[0]) > 1 || Integer.parseInt(parts[1]) >= minor;
    }
}
