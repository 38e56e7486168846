package io.dvflow.dataplane.source.nbd;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An NBD server that negotiates as it should, and then answers as the test says. */
final class ScriptedServer implements AutoCloseable {

    static final int SIZE = 1 << 20;
    static final int CONTEXT = 7;

    /** What is done with a request. */
    interface Script {
        void answer(int type, long cookie, long offset, int length, DataOutputStream out) throws IOException;
    }

    private final ServerSocketChannel listener;
    private final Script script;

    private ScriptedServer(ServerSocketChannel listener, Script script) {
        this.listener = listener;
        this.script = script;
    }

    static ScriptedServer start(Path socket, Script script) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        ScriptedServer server = new ScriptedServer(listener, script);
        Thread.ofVirtual().start(server::accept);
        return server;
    }

    /** Answers every handshake with these bytes. */
    static ScriptedServer sending(Path socket, byte[] greeting) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    SocketChannel client = listener.accept();
                    client.write(ByteBuffer.wrap(greeting));
                    client.shutdownOutput();
                }
            } catch (IOException e) {
                // Closed: the test is over.
            }
        });
        return new ScriptedServer(listener, (type, cookie, offset, length, out) -> {});
    }

    static void chunk(DataOutputStream out, int flags, int type, long cookie, int length) throws IOException {
        out.writeInt(0x668e33ef);
        out.writeShort(flags);
        out.writeShort(type);
        out.writeLong(cookie);
        out.writeInt(length);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(SocketChannel client) {
        try (client;
                DataInputStream in = new DataInputStream(Channels.newInputStream(client));
                DataOutputStream out = new DataOutputStream(Channels.newOutputStream(client))) {
            negotiate(in, out);
            while (true) {
                in.readInt();
                in.readShort();
                int type = in.readShort();
                long cookie = in.readLong();
                long offset = in.readLong();
                int length = in.readInt();
                script.answer(type, cookie, offset, length, out);
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private static void negotiate(DataInputStream in, DataOutputStream out) throws IOException {
        out.writeLong(0x4e42444d41474943L);
        out.writeLong(0x49484156454F5054L);
        out.writeShort(3);
        in.readInt();
        int option = 0;
        while (option != 7) {
            in.readLong();
            option = in.readInt();
            in.skipNBytes(in.readInt());
            if (option == 10) {
                byte[] name = "base:allocation".getBytes(StandardCharsets.US_ASCII);
                reply(
                        out,
                        option,
                        4,
                        ByteBuffer.allocate(4 + name.length)
                                .putInt(CONTEXT)
                                .put(name)
                                .array());
            }
            if (option == 7) {
                reply(
                        out,
                        option,
                        3,
                        ByteBuffer.allocate(12)
                                .putShort((short) 0)
                                .putLong(SIZE)
                                .putShort((short) 0x101)
                                .array());
            }
            reply(out, option, 1, new byte[0]);
        }
    }

    private static void reply(DataOutputStream out, int option, int type, byte[] data) throws IOException {
        out.writeLong(0x3e889045565a9L);
        out.writeInt(option);
        out.writeInt(type);
        out.writeInt(data.length);
        out.write(data);
    }
}
