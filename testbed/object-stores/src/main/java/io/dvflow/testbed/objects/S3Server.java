package io.dvflow.testbed.objects;

import io.dvflow.testbed.processes.FreePort;
import io.dvflow.testbed.processes.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * versitygw over a directory: an S3 server that checks every signature. Buckets are directories, objects are files, and what
 * S3 knows of them is in extended attributes; so objects can be put without S3.
 */
public final class S3Server implements AutoCloseable {

    public static final String ACCESS_KEY = "AKIATESTBED";
    public static final String SECRET_KEY = "secret+of/the=testbed";

    private final Path root;
    private final InetSocketAddress address;
    private final String scheme;
    private final ServerProcess process;

    private S3Server(Path root, InetSocketAddress address, String scheme, ServerProcess process) {
        this.root = root;
        this.address = address;
        this.scheme = scheme;
        this.process = process;
    }

    /** On the loopback address. */
    public static S3Server start(Path directory, String region, String... moreOptions) {
        return startOn("127.0.0.1", directory, region, moreOptions);
    }

    /** On the loopback address; keeps what is replaced in buckets that S3 is asked to do that for. */
    public static S3Server startWithVersions(Path directory, String region) {
        try {
            Path versions = Files.createDirectories(directory.resolve("versions"));
            return startOn("127.0.0.1", directory, region, List.of(), List.of("--versioning-dir", versions.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make room for versions in " + directory, e);
        }
    }

    /**
     * @param directory for objects and logs; on a file system with user attributes
     * @param region the only one it takes signatures for
     * @param moreOptions of versitygw; with {@code --cert} and {@code --key} it speaks TLS
     */
    public static S3Server startOn(String host, Path directory, String region, String... moreOptions) {
        return startOn(host, directory, region, List.of(moreOptions), List.of());
    }

    private static S3Server startOn(
            String host, Path directory, String region, List<String> moreOptions, List<String> ofObjects) {
        try {
            Path root = Files.createDirectories(directory.resolve("objects"));
            Path accounts = Files.createDirectories(directory.resolve("accounts"));
            InetSocketAddress address = new InetSocketAddress(host, FreePort.next());
            List<String> arguments = new ArrayList<>(List.of(
                    "--port",
                    host + ":" + address.getPort(),
                    "--access",
                    ACCESS_KEY,
                    "--secret",
                    SECRET_KEY,
                    "--region",
                    region,
                    "--iam-dir",
                    accounts.toString(),
                    "--keep-alive"));
            arguments.addAll(moreOptions);
            arguments.add("posix");
            arguments.addAll(ofObjects);
            arguments.add(root.toString());
            String scheme = moreOptions.contains("--cert") ? "https" : "http";
            return new S3Server(root, address, scheme, StoreProcess.start("versitygw", directory, address, arguments));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make room for an S3 server in " + directory, e);
        }
    }

    /** {@code http://host:port}, or with {@code https}. */
    public String endpoint() {
        return scheme + "://" + address.getHostString() + ":" + address.getPort();
    }

    public int port() {
        return address.getPort();
    }

    /** Puts an object, or another one in its place. */
    public void put(String bucket, String key, Path file) {
        Path object = file(bucket, key);
        try {
            Files.createDirectories(object.getParent());
            // A new file, so that what is being read of the old one stays as it is; and there is one or the other at
            // any time.
            Path draft = Files.createTempFile(root.getParent(), "put", "");
            Files.copy(file, draft, StandardCopyOption.REPLACE_EXISTING);
            attribute(draft, "etag", "\"" + md5(file) + "\"");
            Files.move(draft, object, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot put " + file + " into bucket " + bucket, e);
        }
    }

    /** What the server has of an object, to be changed behind its back. */
    public Path file(String bucket, String key) {
        return root.resolve(bucket).resolve(key);
    }

    /** From here on nobody needs a signature to read what is in the bucket. */
    public void publish(String bucket) {
        String policy = """
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
                 "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::%s/*"]}]}
                """.formatted(bucket);
        try {
            attribute(root.resolve(bucket), "policy", policy);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot publish bucket " + bucket, e);
        }
    }

    @Override
    public void close() {
        process.close();
    }

    private static void attribute(Path path, String name, String value) throws IOException {
        Files.getFileAttributeView(path, UserDefinedFileAttributeView.class)
                .write(name, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    private static String md5(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has MD5", e);
        }
    }
}
