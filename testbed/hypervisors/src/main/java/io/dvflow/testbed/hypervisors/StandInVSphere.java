package io.dvflow.testbed.hypervisors;

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
public final class StandInVSphere implements AutoCloseable {

    public static final String USER = "administrator@vsphere.local";
    public static final String PASSWORD = "s3cret & <vsphere>";
    public static final String UUID = "420a7a4f-aaaa-bbbb-cccc-0123456789ab";
    public static final String DISK = "[store] vm/vm.vmdk";
    public static final String CHANGE_ID = "52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63/81";
    /** Areas of one answer; a real one has about two thousand. */
    public static final int PAGE = 3;

    /** A changed stretch of the disk. */
    public record Area(long start, long length) {}

    public final List<String> calls = new CopyOnWriteArrayList<>();
    /** Calls before the session is forgotten once. */
    public final AtomicInteger callsUntilExpiry = new AtomicInteger(Integer.MAX_VALUE);

    public volatile long capacity;
    public volatile String powerState = "poweredOn";
    public volatile String changeIdNow = "";
    public volatile String apiType = "VirtualCenter";
    public volatile Optional<String> pageOverride = Optional.empty();
    /** Whether the user may look at nothing. */
    public volatile boolean withoutRights;
    /** What something before the server answers in its place, without a word of SOAP. */
    public volatile Optional<Integer> gateway = Optional.empty();

    /** Up to where each of the machine's three snapshots counts changes. */
    private static final List<String> COUNTED = List.of(CHANGE_ID, "52 aa/82", "52 aa/83");

    private final HttpServer server;
    private final Map<Integer, List<Area>> changed = new ConcurrentHashMap<>();
    private final Map<String, Boolean> cookies = new ConcurrentHashMap<>();

    private StandInVSphere(HttpServer server) {
        this.server = server;
    }

    public static StandInVSphere start() throws IOException {
        return start(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    /** @param address of this machine that it is reached by */
    public static StandInVSphere startWithTls(String address, SSLContext identity) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity));
        return start(server);
    }

    private static StandInVSphere start(HttpServer server) {
        StandInVSphere vsphere = new StandInVSphere(server);
        server.createContext("/sdk", vsphere::answer);
        server.start();
        return vsphere;
    }

    /** The file that holds the disk as {@code snapshot-1}, {@code snapshot-2} or {@code snapshot-3} has it. */
    public static String fileOfSnapshot(int snapshot) {
        return snapshot == 1 ? DISK : "[store] vm/vm-00000" + (snapshot - 1) + ".vmdk";
    }

    /** Sessions that nobody has closed. */
    public int openSessions() {
        return cookies.size();
    }

    /** What is different in {@code snapshot-2} or {@code snapshot-3} from the one before. */
    public void changes(int snapshot, List<Area> areas) {
        changed.put(snapshot, List.copyOf(areas));
    }

    public String url() {
        InetSocketAddress address = server.getAddress();
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return scheme + "://" + address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (gateway.isPresent()) {
                exchange.sendResponseHeaders(gateway.get(), -1);
                return;
            }
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
        return cookies.containsKey(cookieOf(exchange));
    }

    private static String cookieOf(HttpExchange exchange) {
        String cookie = exchange.getRequestHeaders().getFirst("Cookie");
        return cookie == null ? "" : cookie;
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
                cookies.remove(cookieOf(exchange));
                yield response(method, "");
            }
            case "FindAllByUuid" ->
                withoutRights
                        ? fault("NoPermissionFault", "Permission to perform this operation was denied.")
                        : response(
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
                    <currentSnapshot type="VirtualMachineSnapshot">snapshot-3</currentSnapshot>
                    <rootSnapshotList><snapshot type="VirtualMachineSnapshot">snapshot-1</snapshot><name>first</name>
                    <childSnapshotList><snapshot type="VirtualMachineSnapshot">snapshot-2</snapshot><name>second</name>
                    <childSnapshotList><snapshot type="VirtualMachineSnapshot">snapshot-3</snapshot><name>third</name>
                    </childSnapshotList>
                    </childSnapshotList></rootSnapshotList></val>""";
            default -> throw new IllegalStateException(path);
        };
        return "<returnval><obj type=\"VirtualMachine\">" + object + "</obj><propSet><name>" + path + "</name>" + value
                + "</propSet></returnval>";
    }

    private String devices(String object) {
        String disk = switch (object) {
            case "vm-1" -> disk(2000, "[store] copy/copy.vmdk", "", "");
            case "vm-2" -> disk(2000, "[store] vm/vm-000003.vmdk", DISK, changeIdNow);
            case "snapshot-1" -> disk(2000, DISK, "", COUNTED.get(0));
            case "snapshot-2" -> disk(2000, fileOfSnapshot(2), DISK, COUNTED.get(1));
            case "snapshot-3" -> disk(2000, fileOfSnapshot(3), DISK, COUNTED.get(2));
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
        int snapshot = Integer.parseInt(
                between(request, "<snapshot type=\"VirtualMachineSnapshot\">snapshot-", "</snapshot>"));
        if (!between(request, "<changeId>", "</changeId>").equals(COUNTED.get(snapshot - 2))
                || !request.contains("<deviceKey>2000</deviceKey>")
                || from >= capacity) {
            throw new IllegalStateException(request);
        }
        List<Area> page = new ArrayList<>();
        changed.getOrDefault(snapshot, List.of()).stream()
                .filter(area -> area.start >= from)
                .limit(PAGE)
                .forEach(page::add);
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
