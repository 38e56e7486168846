package io.dvflow.dataplane.source.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which servers are asked directly, as {@code no_proxy} lists them and Go's programs, CDI's among them, understand it: names
 * ({@code images.example}, with all that is below), what is below a name ({@code .example}, {@code *.example}), addresses,
 * networks ({@code 10.0.0.0/8}), each but the last with a port if wanted, and {@code *} for all. Entries that make no sense
 * except nothing.
 */
final class NoProxy {

    private final List<Entry> entries;

    private NoProxy(List<Entry> entries) {
        this.entries = entries;
    }

    static NoProxy of(String list) {
        return new NoProxy(Arrays.stream(list.toLowerCase(Locale.ROOT).split("[,\\s]+"))
                .filter(text -> !text.isEmpty())
                .flatMap(text -> entry(text).stream())
                .toList());
    }

    /** The machine itself is never asked through a proxy. */
    boolean excepts(HttpUrl url) {
        String host = url.host().toLowerCase(Locale.ROOT);
        Optional<InetAddress> address = address(host);
        boolean isLocal = host.equals("localhost")
                || address.filter(InetAddress::isLoopbackAddress).isPresent();
        return isLocal || entries.stream().anyMatch(entry -> entry.matches(host, address, url.port()));
    }

    private sealed interface Entry {
        boolean matches(String host, Optional<InetAddress> address, int port);

        record Everything() implements Entry {
            @Override
            public boolean matches(String host, Optional<InetAddress> address, int port) {
                return true;
            }
        }

        record Network(byte[] base, int bits) implements Entry {
            @Override
            public boolean matches(String host, Optional<InetAddress> address, int port) {
                return address.map(InetAddress::getAddress)
                        .filter(bytes -> bytes.length == base.length && samePrefix(base, bytes, bits))
                        .isPresent();
            }
        }

        record Address(InetAddress listed, Optional<Integer> onPort) implements Entry {
            @Override
            public boolean matches(String host, Optional<InetAddress> address, int port) {
                return address.filter(listed::equals).isPresent() && isFor(onPort, port);
            }
        }

        /** @param suffix begins with a dot */
        record Domain(String suffix, boolean itself, Optional<Integer> onPort) implements Entry {
            @Override
            public boolean matches(String host, Optional<InetAddress> address, int port) {
                boolean named = host.endsWith(suffix) || itself && host.equals(suffix.substring(1));
                return named && isFor(onPort, port);
            }
        }

        private static boolean isFor(Optional<Integer> listed, int port) {
            return listed.isEmpty() || listed.get() == port;
        }

        private static boolean samePrefix(byte[] one, byte[] other, int bits) {
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((one[bit / 8] & mask) != (other[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static Optional<Entry> entry(String text) {
        if (text.equals("*")) {
            return Optional.of(new Entry.Everything());
        }
        if (text.contains("/")) {
            return network(text);
        }
        Optional<InetAddress> whole = address(text);
        if (whole.isPresent()) {
            return Optional.of(new Entry.Address(whole.get(), Optional.empty()));
        }
        int colon = text.lastIndexOf(':');
        Optional<Integer> port = Optional.of(text.substring(colon + 1))
                .filter(digits -> colon >= 0 && digits.matches("\\d{1,5}"))
                .map(Integer::valueOf);
        String host = port.isPresent() ? text.substring(0, colon) : text;
        Optional<InetAddress> address = address(host);
        if (address.isPresent()) {
            return Optional.of(new Entry.Address(address.get(), port));
        }
        String name = host.startsWith("*.") ? host.substring(1) : host;
        if (name.isEmpty() || name.equals(".")) {
            return Optional.empty();
        }
        boolean itself = !name.startsWith(".");
        return Optional.of(new Entry.Domain(itself ? "." + name : name, itself, port));
    }

    private static Optional<Entry> network(String text) {
        String[] parts = text.split("/", 2);
        return address(parts[0])
                .map(InetAddress::getAddress)
                .filter(base -> parts[1].matches("\\d{1,3}") && Integer.parseInt(parts[1]) <= base.length * 8)
                .map(base -> new Entry.Network(base, Integer.parseInt(parts[1])));
    }

    /** What is written as an address, with or without brackets; no name is ever looked up. */
    private static Optional<InetAddress> address(String text) {
        boolean inBrackets = text.startsWith("[") && text.endsWith("]");
        String bare = inBrackets ? text.substring(1, text.length() - 1) : text;
        if (!bare.matches("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*")) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(bare));
        } catch (UnknownHostException e) {
            // Looks like an address and is none.
            return Optional.empty();
        }
    }
}
