package io.dvflow.testbed.http;

import io.dvflow.testbed.processes.FreePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real proxy, Debian's {@code squid-openssl}, as a child process that ends with this JVM at the latest. It alone knows the
 * addresses of the hosts that it is given, so whoever reaches one of them has come through it.
 */
public final class SquidProxy implements AutoCloseable {

    private static final String PROGRAMS = "/usr/lib/squid/";
    private static final String LISTENS = "Accepting ";

    private final Setup setup;
    private final Path directory;
    private final int port;
    private final Process process;
    private final Thread endWithJvm;

    private SquidProxy(Setup setup, Path directory, int port, Process process) {
        this.setup = setup;
        this.directory = directory;
        this.port = port;
        this.process = process;
        this.endWithJvm = new Thread(process::destroyForcibly, "end-squid");
        Runtime.getRuntime().addShutdownHook(endWithJvm);
    }

    /**
     * @param bindAddress where it listens
     * @param login {@code user:password} that it wants, empty for none
     * @param hosts addresses of hosts by name
     * @param looksInside whether it ends TLS and begins it anew, with certificates of an authority of its own
     * @param overTls whether it is spoken to by TLS, with a certificate of that authority for {@code bindAddress}
     */
    public record Setup(
            String bindAddress, String login, Map<String, String> hosts, boolean looksInside, boolean overTls) {

        /** On loopback, open to all, and blind. */
        public static Setup knowing(Map<String, String> hosts) {
            return new Setup("127.0.0.1", "", hosts, false, false);
        }

        public Setup bind(String address) {
            return new Setup(address, login, hosts, looksInside, overTls);
        }

        public Setup login(String userAndPassword) {
            return new Setup(bindAddress, userAndPassword, hosts, looksInside, overTls);
        }

        public Setup lookingInside() {
            return new Setup(bindAddress, login, hosts, true, overTls);
        }

        public Setup spokenToByTls() {
            return new Setup(bindAddress, login, hosts, looksInside, true);
        }
    }

    /** Returns when it listens. */
    public static SquidProxy start(Setup setup) {
        try {
            // Started by root it becomes a user of its own, which has to get at its files.
            Path directory = Files.createTempDirectory("squid-");
            open(directory);
            int port = FreePort.next();
            writeFiles(setup, directory, port);
            Process process = new ProcessBuilder(
                            "squid",
                            "-N",
                            "-d1",
                            "-n",
                            name(port),
                            "-f",
                            directory.resolve("squid.conf").toString())
                    .redirectErrorStream(true)
                    .start();
            SquidProxy proxy = new SquidProxy(setup, directory, port, process);
            proxy.awaitListening();
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start squid; it is in Debian's package squid-openssl", e);
        }
    }

    /** Its address, without a login. */
    public String url() {
        return (setup.overTls ? "https" : "http") + "://" + setup.bindAddress + ":" + port;
    }

    /** Its address with this login. */
    public String url(String login) {
        return url().replace("://", "://" + login + "@");
    }

    /** The certificate of its authority, as PEM. */
    public Path authority() {
        return directory.resolve("ca.pem");
    }

    /** One line for each request that it has answered: {@code TCP_MISS/200 GET http://host/path}. */
    public List<String> requests() {
        try (Stream<String> lines = Files.lines(directory.resolve("access.log"))) {
            return lines.toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read what squid has answered", e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Runtime.getRuntime().removeShutdownHook(endWithJvm);
            removeFiles();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void removeFiles() {
        try (Stream<Path> own = Files.walk(directory);
                Stream<Path> shared = Files.list(Path.of("/dev/shm"))) {
            List<Path> all =
                    new ArrayList<>(own.sorted(Comparator.reverseOrder()).toList());
            all.addAll(shared.filter(file -> file.getFileName().toString().startsWith(name(port) + "-"))
                    .toList());
            for (Path file : all) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove the files of squid", e);
        }
    }

    private void awaitListening() throws IOException {
        StringBuilder said = new StringBuilder();
        BufferedReader log =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            said.append(line).append('\n');
            if (line.contains(LISTENS)) {
                // What it says later has to go somewhere, or it would stand still.
                Thread.ofVirtual().start(() -> readToItsEnd(log));
                return;
            }
        }
        throw new IOException("squid ended:\n" + said);
    }

    private static void readToItsEnd(BufferedReader log) {
        try (log) {
            while (log.readLine() != null) {
                // Nobody wants to know.
            }
        } catch (IOException e) {
            // It was told to end.
        }
    }

    private static void writeFiles(Setup setup, Path directory, int port) throws IOException {
        Path ca = directory.resolve("ca.pem");
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=Authority of a proxy",
                "-addext",
                "subjectAltName=IP:" + setup.bindAddress,
                "-keyout",
                directory.resolve("ca.key").toString(),
                "-out",
                ca.toString());
        run(
                PROGRAMS + "security_file_certgen",
                "-c",
                "-s",
                directory.resolve("certificates").toString(),
                "-M",
                "4MB");
        Files.writeString(
                directory.resolve("hosts"),
                setup.hosts.entrySet().stream()
                        .map(host -> host.getValue() + " " + host.getKey() + "\n")
                        .collect(Collectors.joining()));
        String[] login = setup.login.split(":", 2);
        if (login.length == 2) {
            String hashed = run("openssl", "passwd", "-apr1", login[1]);
            Files.writeString(directory.resolve("passwords"), login[0] + ":" + hashed);
        }
        Files.writeString(directory.resolve("squid.conf"), configuration(setup, directory, port, login.length == 2));
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.toList()) {
                open(file);
            }
        }
    }

    private static String configuration(Setup setup, Path directory, int port, boolean wantsLogin) {
        String identity = " tls-cert=%1$s/ca.pem tls-key=%1$s/ca.key".formatted(directory);
        String listen = (setup.overTls ? "https_port " : "http_port ") + setup.bindAddress + ":" + port
                + (setup.overTls ? identity : "")
                + (setup.looksInside ? " ssl-bump generate-host-certificates=on" + identity : "");
        String look = """
                sslcrtd_program %1$ssecurity_file_certgen -s %2$s/certificates -M 4MB
                sslcrtd_children 1 startup=1
                tls_outgoing_options flags=DONT_VERIFY_PEER
                ssl_bump stare all
                ssl_bump bump all
                """.formatted(PROGRAMS, directory);
        String ask = """
                auth_param basic program %1$sbasic_ncsa_auth %2$s/passwords
                auth_param basic children 1 startup=1
                acl known proxy_auth REQUIRED
                http_access deny !known
                """.formatted(PROGRAMS, directory);
        String rest = """
                http_access allow all
                cache deny all
                cache_mem 8 MB
                memory_cache_shared off
                hosts_file %1$s/hosts
                logformat short %%Ss/%%>Hs %%rm %%ru
                access_log stdio:%1$s/access.log short
                cache_log %1$s/cache.log
                pid_filename none
                coredump_dir %1$s
                shutdown_lifetime 0 seconds
                visible_hostname proxy.test
                """.formatted(directory);
        return listen + "\n" + (setup.looksInside ? look : "") + (wantsLogin ? ask : "") + rest;
    }

    private static String name(int port) {
        return "squid" + port;
    }

    private static void open(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed:\n" + output);
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while running " + command[0], e);
        }
    }
}
