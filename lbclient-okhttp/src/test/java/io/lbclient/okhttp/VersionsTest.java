package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.ServerPool;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which OkHttp will do. */
class VersionsTest {
    @Test
    @DisplayName("68, 70: the OkHttp and the JDK that these tests run with are what the build asked for")
    void testedWith() {
        assertThat(OkHttp.VERSION).isEqualTo(System.getProperty("okhttp.version"));
        assertThat(Runtime.version().feature()).isGreaterThanOrEqualTo(17);
        assertThatCode(() -> OkHttpVersion.check(getClass().getClassLoader())).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("69: OkHttp 5.3.2 is refused when the interceptor is built, with a message that says what is needed")
    void tooOld() throws Exception {
        Path old = Path.of(System.getProperty("okhttp.old"));
        assertThat(Files.exists(old)).as(old + ", which the build puts there").isTrue();
        try (URLClassLoader loader = new URLClassLoader(classPathWith(old), ClassLoader.getPlatformClassLoader())) {
            Class<?> pools = loader.loadClass(ServerPool.class.getName());
            Object builder = pools.getMethod("builder", String.class).invoke(null, "orders");
            Object pool = builder.getClass().getMethod("build").invoke(builder);
            Class<?> interceptor = loader.loadClass(LoadBalancingInterceptor.class.getName());
            assertThatThrownBy(() -> interceptor.getMethod("of", pools).invoke(null, pool))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("OkHttp: 5.3.2 (expected: 5.4.0 or later)");
            pools.getMethod("close").invoke(pool);
        }
    }

    /** This test's class path with another OkHttp in place of its own. */
    private static URL[] classPathWith(Path okhttp) throws Exception {
        List<URL> urls = new ArrayList<>();
        urls.add(okhttp.toUri().toURL());
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.contains("okhttp-jvm")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }
}
