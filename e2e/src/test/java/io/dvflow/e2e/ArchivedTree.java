package io.dvflow.e2e;

import io.dvflow.e2e.TestCluster.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A tree with files, directories and links, the archive of it, and how {@code find} and {@code sha256sum} describe it. */
final class ArchivedTree {

    /** What a reader runs on the claim: in the directory that the tree lies in. */
    static final String DESCRIBE = "describe-tree";

    static final String DESCRIPTION = "tree.txt";

    private final Path directory;

    /** @param directory that a reader's pod mounts */
    ArchivedTree(Path directory) {
        this.directory = directory;
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(directory.resolve(DESCRIBE), """
                    cd "$1"; export LC_ALL=C
                    find . -mindepth 1 -path ./lost+found -prune \\
                      -o -type d -printf 'd %m %T@ %P\\n' \\
                      -o -type f -printf 'f %m %T@ %n %s %P\\n' \\
                      -o -type l -printf 'l %T@ %P -> %l\\n' \\
                      -o -printf 'other %P\\n' | sort
                    find . -path ./lost+found -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
                    """);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare " + directory, e);
        }
        Command.run("bash", "-ec", """
                cd "$0"; mkdir -p tree/{bin,empty,share/doc}
                printf '#!/bin/sh\\necho tool\\n' > tree/bin/tool
                head -c 3000000 /dev/urandom > tree/share/large
                for i in {1..150}; do echo "page $i" > tree/share/doc/page-$i; done
                ln -s ../share/large tree/bin/link; ln -s /etc/hostname tree/bin/absolute
                ln tree/share/doc/page-1 tree/share/doc/first
                chmod 4755 tree/bin/tool; chmod 640 tree/share/large; chmod 400 tree/share/doc/page-2
                chmod 1777 tree/empty; chmod 550 tree/share/doc
                find tree -mindepth 1 -depth -exec touch -h -d '2020-02-02 02:02:02.5' {} +
                tar --format=posix -czf tree.tar.gz -C tree .
                chmod u-s tree/bin/tool
                sh %s tree > %s
                """.formatted(DESCRIBE, DESCRIPTION), directory.toString());
    }

    Path archive() {
        return directory.resolve("tree.tar.gz");
    }

    Path directory() {
        return directory;
    }
}
