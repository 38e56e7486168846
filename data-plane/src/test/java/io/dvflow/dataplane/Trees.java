package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

/** Compares trees as {@code find} and {@code sha256sum} see them: no code of the transfer takes part. */
final class Trees {

    private Trees() {}

    /** All that unpacking is to bring along: names, kinds, modes, times, links, sizes and contents. */
    static List<String> describe(Path root) {
        return Shell.run("bash", "-ec", """
                        cd "$0"
                        export LC_ALL=C
                        find . -mindepth 1 -path ./lost+found -prune \
                          -o -type d -printf 'd %m %T@ %P\\n' \
                          -o -type f -printf 'f %m %T@ %n %s %P\\n' \
                          -o -type l -printf 'l %T@ %P -> %l\\n' \
                          -o -printf 'other %P\\n' | sort
                        find . -path ./lost+found -prune -o -type f -print0 | sort -z | xargs -0r sha256sum
                        find . -path ./lost+found -prune -o -type f -links +1 -printf '%i %P\\n' \
                          | sort | awk '{ if ($1 == last) print "same file", $2, before; last = $1; before = $2 }'
                        """, root).lines().toList();
    }

    /** Names alone, as {@code find} shows them. */
    static List<String> names(Path root) {
        return Shell.run("bash", "-ec", "cd \"$0\"; LC_ALL=C; find . -mindepth 1 -printf '%P\\n' | sort", root)
                .lines()
                .toList();
    }

    static void assertSame(Path actual, Path expected) {
        assertThat(describe(actual)).containsExactlyElementsOf(describe(expected));
    }

    /** A tree with everything that an archive can bring along, the same for the same seed. */
    static Path make(Path root, long bytesInLargest) {
        Shell.run("bash", "-ec", """
                mkdir -p "$0"/{a/b/c,empty,bin,'name with spaces'}
                export LC_ALL=C
                cd "$0"
                head -c "$1" <(openssl enc -aes-128-ctr -nosalt -pass pass:dvflow -in /dev/zero 2>/dev/null) > a/large
                for i in {1..200}; do echo "file $i" > a/b/file-$i; done
                : > a/b/c/nothing
                head -c 1025 /dev/zero > a/b/c/zeros
                printf '#!/bin/sh\\n' > bin/run; chmod 755 bin/run
                echo secret > bin/key; chmod 400 bin/key
                echo latin > "$(printf 'name with spaces/caf\\351')"
                echo utf > 'name with spaces/café'
                long=$(printf 'x%.0s' {1..200}); mkdir -p "a/$long/$long"; echo deep > "a/$long/$long/$long"
                ln -s ../a/large bin/link
                ln -s /etc/passwd bin/absolute
                ln -s "$long/nowhere" a/dangling
                ln a/b/file-7 bin/hard
                ln a/b/file-7 a/b/hard
                find . -type f -o -type l | while read -r name; do touch -h -d '2019-04-01 12:00:00.25' -- "$name"; done
                touch -d '1969-12-31 22:00:00' a/b/file-1
                touch -d '2199-01-01 00:00:00' a/b/file-2
                chmod 1777 empty
                chmod 555 a/b/c
                chmod 700 'name with spaces'
                find . -mindepth 1 -depth -type d -exec touch -d '2018-02-03 04:05:06' {} +
                """, root, Long.toString(bytesInLargest));
        return root;
    }
}
