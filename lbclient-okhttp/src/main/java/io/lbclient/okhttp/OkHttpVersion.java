package io.lbclient.okhttp;

import java.util.Arrays;

/** Refuses an OkHttp that lacks what the interceptor stands on, before a call fails for it. */
final class OkHttpVersion {
    private OkHttpVersion() {}

    /** Looks for the methods themselves: a version string says nothing about a fork or a mix of jars. */
    static void check(ClassLoader loader) {
        if (!has(loader, "okhttp3.Interceptor$Chain", "withDns")
                || !has(loader, "okhttp3.Interceptor$Chain", "withProxySelector")
                || !has(loader, "okhttp3.Call", "addEventListener")) {
            throw new IllegalStateException("OkHttp: " + version(loader) + " (expected: 5.4.0 or later)");
        }
    }

    private static boolean has(ClassLoader loader, String type, String method) {
        try {
            return Arrays.stream(Class.forName(type, false, loader).getMethods())
                    .anyMatch(m -> m.getName().equals(method));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Read at run time: the constant would be compiled in, and name the version that we were built with. */
    private static String version(ClassLoader loader) {
        try {
            Class<?> type = Class.forName("okhttp3.OkHttp", false, loader);
            return String.valueOf(type.getField("VERSION").get(null));
        } catch (ReflectiveOperationException e) {
            return "unknown version";
        }
    }
}
