package io.dvflow.dataplane;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/** A vCenter, as far as its SOAP API helps to find a disk and what changed on it. */
final class StandInVSphere implements AutoCloseable {

    static final String USER = "administrator@vsphere.local";
    static final String PASSWORD = "s3cret & <vsphere>";
    static final String UUID = "420a7a4f-aaaa-bbbb-cccc-0123456789ab";
    static final String DISK = "[store] vm/vm.vmdk";
    static final String CHANGE_ID = "52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63/81";
    /** Areas of one answer; a real one has about two thousand. */
    static final int PAGE = 3;

    /** A changed stretch of the disk. */
    record Area(long start, long length) {}

    final List<String> calls = new CopyOnWriteArrayList<>();
    final AtomicInteger sessions = new AtomicInteger();
    /** Calls before the session is forgotten once. */
    final AtomicInteger callsUntilExpiry = new AtomicInteger(Integer.MAX_VALUE);

    volatile List<Area> changed = List.of();
    volatile long capacity;
    volatile String powerState = "poweredOn";
    volatile String changeIdNow = "";
    volatile String apiType = "VirtualCenter";
    volatile Optional<String> pageOverride = Optional.empty();

    private final HttpServer server;
    private final Map<String, Boolean> cookies = new ConcurrentHashMap<>();

    private StandInVSphere(HttpServer server) {
        this.server = server;
    }

    static StandInVSphere start() throws IOException {
        return start(HttpServer.create(loopback(), 0));
    }

    static StandInVSphere startWithTls(SSLContext identity) throws IOException {
        HttpsServer server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity));
        return start(server);
    }

    private static StandInVSphere start(HttpServer server) {
        StandInVSphere vsphere = new StandInVSphere(server);
        server.createContext("/sdk", vsphere::answer);
        server.start();
        return vsphere;
    }

    String url() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return scheme + "://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Matcher method = Pattern.compile("<soapenv:Body><(\\w+) ").matcher(request);
            if (!method.find()) {
                throw new IllegalStateException("No call in " + request);
            }
            calls.add(method.group(1));
            boolean open = method.group(1).equals("RetrieveServiceContent")
                    || method.group(1).equals("Login")
                    || isLoggedIn(exchange);
            String body = open
                    ? respond(exchange, method.group(1), request)
                    : fault("NotAuthenticatedFault", "The session is not authenticated.");
            send(exchange, body);
        }
    }

    private boolean isLoggedIn(HttpExchange exchange) {
        if (callsUntilExpiry.decrementAndGet() == 0) {
            cookies.clear();
        }
        String cookie = exchange.getRequestHeaders().getFirst("Cookie");
        return cookie != null && cookies.containsKey(cookie);
    }

    private String respond(HttpExchange exchange, String method, String request) {
        return switch (method) {
            case "RetrieveServiceContent" -> response(method, """
                    <returnval><rootFolder type="Folder">group-d1</rootFolder>
                    <propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>
                    <about><name>stand-in</name><apiType>%s</apiType></about>
                    <sessionManager type="SessionManager">SessionManager</sessionManager>
                    <searchIndex type="SearchIndex">SearchIndex</searchIndex></returnval>
                    """.formatted(apiType));
            case "Login" -> logIn(exchange, request);
            case "Logout" -> {
                sessions.decrementAndGet();
                cookies.clear();
                yield response(method, "");
            }
            case "FindAllByUuid" ->
                response(
                        method,
                        request.contains(UUID)
                                ? "<returnval type=\"VirtualMachine\">vm-1</returnval>"
                                        + "<returnval type=\"VirtualMachine\">vm-2</returnval>"
                                : "");
            case "RetrieveProperties" -> response(method, properties(request));
            case "QueryChangedDiskAreas" -> response(method, page(request));
            default -> fault("InvalidRequestFault", "Unknown call " + method);
        };
    }

    private String logIn(HttpExchange exchange, String request) {
        String password = "<password>s3cret &amp; &lt;vsphere&gt;</password>";
        if (!request.contains(password) || !request.contains("<userName>" + USER + "</userName>")) {
            return fault("InvalidLoginFault", "Cannot complete login due to an incorrect user name or password.");
        }
        String cookie = "vmware_soap_session=\"" + java.util.UUID.randomUUID() + "\"";
        cookies.put(cookie, true);
        sessions.incrementAndGet();
        exchange.getResponseHeaders().add("Set-Cookie", cookie + "; Path=/; HttpOnly; Secure;");
        return response("Login", "<returnval><key>1</key></returnval>");
    }

    private String properties(String request) {
        String path = between(request, "<pathSet>", "</pathSet>");
        String object = between(request, "\">", "</obj>", "<obj ");
        String value = switch (path) {
            case "config.hardware.device" -> devices(object);
            case "runtime.powerState" -> "<val xsi:type=\"VirtualMachinePowerState\">" + powerState + "</val>";
            case "snapshot" -> """
                    <val xsi:type="VirtualMachineSnapshotInfo">
                    <currentSnapshot type="VirtualMachineSnapshot">snapshot-2</currentSnapshot>
                    <rootSnapshotList><snapshot type="VirtualMachineSnapshot">snapshot-1</snapshot><name>first</name>
                    <childSnapshotList><snapshot type="VirtualMachineSnapshot">snapshot-2</snapshot><name>second</name>
                    </childSnapshotList></rootSnapshotList></val>""";
            default -> throw new IllegalStateException(path);
        };
        return "<returnval><obj type=\"VirtualMachine\">" + object + "</obj><propSet><name>" + path + "</name>" + value
                + "</propSet></returnval>";
    }

    private String devices(String object) {
        String disk = switch (object) {
            case "vm-1" -> disk(2000, "[store] copy/copy.vmdk", "", "");
            case "vm-2" -> disk(2000, "[store] vm/vm-000002.vmdk", DISK, changeIdNow);
            case "snapshot-1" -> disk(2000, DISK, "", CHANGE_ID);
            case "snapshot-2" -> disk(2000, "[store] vm/vm-000001.vmdk", DISK, "52 aa/82");
            default -> throw new IllegalStateException(object);
        };
        return "<val xsi:type=\"ArrayOfVirtualDevice\"><VirtualDevice xsi:type=\"VirtualIDEController\"><key>200</key>"
                + "</VirtualDevice>" + disk + "</val>";
    }

    private String disk(int key, String file, String parent, String changeId) {
        String beneath = parent.isEmpty() ? "" : "<parent><fileName>" + parent + "</fileName></parent>";
        String counted = changeId.isEmpty() ? "" : "<changeId>" + changeId + "</changeId>";
        return "<VirtualDevice xsi:type=\"VirtualDisk\"><key>" + key
                + "</key><backing xsi:type=\"VirtualDiskFlatVer2BackingInfo\"><fileName>" + file + "</fileName>"
                + counted
                + beneath + "</backing><capacityInKB>" + capacity / 1024 + "</capacityInKB><capacityInBytes>" + capacity
                + "</capacityInBytes><diskObjectId>1-2000</diskObjectId></VirtualDevice>";
    }

    /** As a real one: a few areas, and how far they tell. */
    private String page(String request) {
        if (pageOverride.isPresent()) {
            return pageOverride.get();
        }
        long from = Long.parseLong(between(request, "<startOffset>", "</startOffset>"));
        if (!between(request, "<changeId>", "</changeId>").equals(CHANGE_ID)
                || !request.contains("<snapshot type=\"VirtualMachineSnapshot\">snapshot-2</snapshot>")
                || !request.contains("<deviceKey>2000</deviceKey>")
                || from >= capacity) {
            throw new IllegalStateException(request);
        }
        List<Area> page = new ArrayList<>();
        changed.stream().filter(area -> area.start >= from).limit(PAGE).forEach(page::add);
        long end = page.size() < PAGE ? capacity : page.getLast().start + page.getLast().length;
        StringBuilder xml = new StringBuilder(
                "<returnval><startOffset>" + from + "</startOffset><length>" + (end - from) + "</length>");
        page.forEach(area -> xml.append(
                "<changedArea><start>" + area.start + "</start><length>" + area.length + "</length></changedArea>"));
        return xml.append("</returnval>").toString();
    }

    private static String between(String text, String before, String after) {
        return between(text, before, after, "");
    }

    private static String between(String text, String before, String after, String since) {
        int from = text.indexOf(before, text.indexOf(since)) + before.length();
        return text.substring(from, text.indexOf(after, from));
    }

    private static String response(String method, String content) {
        return "<" + method + "Response xmlns=\"urn:vim25\">" + content + "</" + method + "Response>";
    }

    private static String fault(String type, String words) {
        return "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>" + words + "</faultstring><detail><"
                + type + " xmlns=\"urn:vim25\" xsi:type=\"" + type + "\"/></detail></soapenv:Fault>";
    }

    private static void send(HttpExchange exchange, String content) throws IOException {
        byte[] bytes = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope"
                        + " xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\""
                        + " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>" + content
                        + "</soapenv:Body></soapenv:Envelope>")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/xml");
        exchange.sendResponseHeaders(content.contains("soapenv:Fault") ? 500 : 200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
