package io.dvflow.activities.transfer.source;

/**
 * Something of the user's that the transfer program reads as files.
 *
 * @param volume name of the volume in the pod
 * @param path where its directory is mounted, read-only
 * @param from the object in the namespace of the DataVolume
 * @param name of that object
 */
public record Mounted(String volume, String path, From from, String name) {

    /** Kinds of objects whose keys become files. */
    public enum From {
        SECRET,
        CONFIG_MAP
    }

    static final String CREDENTIALS = "/etc/dvflow/credentials";
    static final String CERTIFICATES = "/etc/dvflow/certificates";

    static Mounted credentials(String secret) {
        return new Mounted("credentials", CREDENTIALS, From.SECRET, secret);
    }

    static Mounted certificates(String configMap) {
        return new Mounted("certificates", CERTIFICATES, From.CONFIG_MAP, configMap);
    }
}
