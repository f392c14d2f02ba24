package io.lbclient.examples.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from a jar into a temporary folder that is deleted when this program ends. */
final class PostgresBinaries {
    private static final int NOBODY = 65534;

    private PostgresBinaries() {}

    /** Unpacks once for each program. */
    private static final class Unpacked {
        static final Path HOME = unpack();

        private static Path unpack() {
            boolean arm = System.getProperty("os.arch").equals("aarch64");
            String name = "/postgres-linux-" + (arm ? "arm_64" : "x86_64") + ".txz";
            try (InputStream packed = PostgresBinaries.class.getResourceAsStream(name)) {
                if (packed == null) {
                    throw new IOException("there is no PostgreSQL for this kind of machine: " + name);
                }
                Path home = folder("lbclient-postgres-");
                Path tar = home.resolve("postgres.tar");
                try (InputStream in = new XZInputStream(packed);
                        OutputStream out = Files.newOutputStream(tar)) {
                    in.transferTo(out);
                }
                run(List.of("tar", "-xf", tar.toString(), "-C", home.toString()), home);
                Files.delete(tar);
                return home;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A program of PostgreSQL's; as root it is run as another user, because it refuses to run as root. */
    static List<String> command(String program, List<String> arguments) {
        String path = Unpacked.HOME.resolve("bin").resolve(program).toString();
        Stream<String> user = isRoot()
                ? Stream.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups")
                : Stream.of();
        return Stream.of(user, Stream.of(path), arguments.stream())
                .flatMap(s -> s)
                .toList();
    }

    static void run(List<String> command, Path logFolder) throws IOException {
        Path log = logFolder.resolve("setup.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** A temporary folder that the server's user can enter and write to. */
    static Path folder(String prefix) throws IOException {
        Path folder = Files.createTempDirectory(prefix);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "delete-" + prefix));
        return folder;
    }

    static void giveAway(Path folder) throws IOException {
        if (isRoot()) {
            run(List.of("chown", "-R", NOBODY + ":" + NOBODY, folder.toString()), folder);
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // It is a temporary folder: what is left of it is the system's to delete.
        }
    }
}
