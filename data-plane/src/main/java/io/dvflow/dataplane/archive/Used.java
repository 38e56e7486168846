package io.dvflow.dataplane.archive;

/**
 * What has been unpacked so far.
 *
 * @param bytes of the content of files
 * @param entries files, directories and links
 */
record Used(long bytes, long entries) {
    static final Used NOTHING = new Used(0, 0);
}
