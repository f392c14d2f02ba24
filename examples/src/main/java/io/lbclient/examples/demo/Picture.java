package io.lbclient.examples.demo;

final class Picture {
    static String of(Frame f) {
        return "";
    }
}
