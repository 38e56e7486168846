package io.dvflow.temporal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A certificate authority of the tests, made with the JDK's keytool, and what it signs. */
record TestAuthority(KeyStore keys) {

    static final char[] PASSWORD = "changeit".toCharArray();
    private static final String CA = "ca";

    /**
     * Makes the authority and signs for a server and a client.
     *
     * @param serverName the one name that the server's certificate, {@code server}, is for
     */
    static TestAuthority make(Path directory, String serverName)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = directory.resolve("authority.p12");
        keytool(store, CA, "-ext", "bc:critical=ca:true", "-ext", "ku:critical=keyCertSign");
        keytool(store, "server", "-signer", CA, "-ext", "san=dns:" + serverName);
        keytool(store, "client", "-signer", CA);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(store)) {
            keys.load(file, PASSWORD);
        }
        return new TestAuthority(keys);
    }

    private static void keytool(Path store, String alias, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass", new String(PASSWORD), "-keyalg", "EC", "-validity", "1"));
        command.addAll(List.of("-alias", alias, "-dname", "CN=" + alias + " of dvflow's tests"));
        command.addAll(List.of(more));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool could not make a key pair for " + alias + ":\n" + output);
        }
    }

    /** The server's key pair alone. */
    KeyStore serverKeys() throws GeneralSecurityException, IOException {
        KeyStore server = empty();
        server.setKeyEntry("server", keys.getKey("server", PASSWORD), PASSWORD, keys.getCertificateChain("server"));
        return server;
    }

    /** The authority's certificate alone. */
    KeyStore trusted() throws GeneralSecurityException, IOException {
        KeyStore trusted = empty();
        trusted.setCertificateEntry(CA, keys.getCertificate(CA));
        return trusted;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        return store;
    }

    /** Writes the authority's certificate as a Secret holds it, and returns the file. */
    Path writeAuthority(Path directory) throws IOException, GeneralSecurityException {
        return Files.writeString(
                directory.resolve("ca.crt"),
                pem("CERTIFICATE", keys.getCertificate(CA).getEncoded()));
    }

    /** Writes {@code tls.crt} and {@code tls.key} of {@code server} or {@code client}, as a Secret of that type holds them. */
    void writePair(String alias, Path directory) throws IOException, GeneralSecurityException {
        Certificate[] chain = keys.getCertificateChain(alias);
        Files.writeString(directory.resolve("tls.crt"), pem("CERTIFICATE", chain[0].getEncoded()));
        Files.writeString(
                directory.resolve("tls.key"),
                pem("PRIVATE KEY", keys.getKey(alias, PASSWORD).getEncoded()));
    }

    private static String pem(String type, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
