package io.dvflow.dataplane.source.vddk;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpApi.Answer;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.LoginFiles;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A session with a vCenter or an ESXi host: the few calls of its SOAP API that reading a disk takes. */
final class VSphereApi implements AutoCloseable {

    private static final String KIND = "Unable to connect to vddk data source: ";
    /** A fault comes with status 500, so that is an answer. */
    private static final Set<Integer> TRY_AGAIN = Set.of(408, 425, 429, 502, 503, 504);

    private static final Pattern COOKIE = Pattern.compile("vmware_soap_session=\"?[0-9A-Za-z-]+\"?");
    private static final int MOST_BYTES = 16 << 20;
    private static final int LONGEST_FAULT = 300;

    private final HttpUrl sdk;
    private final LoginFiles login;
    private final HttpApi api;
    private final Xml content;
    private Optional<String> cookie = Optional.empty();

    /** Something on the server: a machine, a snapshot. */
    record Reference(String type, String id) {
        static Reference of(Xml xml) {
            return new Reference(xml.type(), xml.text());
        }

        String xml(String element) {
            return "<" + element + " type=\"" + Xml.escaped(type) + "\">" + Xml.escaped(id) + "</" + element + ">";
        }
    }

    private VSphereApi(HttpUrl host, LoginFiles login, HttpAccess access) {
        this.sdk = host.child("sdk");
        this.login = login;
        this.api = new HttpApi(access);
        this.content = call("RetrieveServiceContent", new Reference("ServiceInstance", "ServiceInstance").xml("_this"))
                .find("returnval")
                .orElseThrow(() -> senseless("RetrieveServiceContent", "without returnval"));
    }

    /** @throws TransferFailure if the server cannot be reached, or does not know the login */
    static VSphereApi logIn(HttpUrl host, LoginFiles login, HttpAccess access) {
        VSphereApi session = new VSphereApi(host, login, access);
        session.logIn();
        return session;
    }

    /** Whether it is a vCenter, and not an ESXi host on its own. */
    boolean isVirtualCenter() {
        return content.textOf("about", "apiType").equals("VirtualCenter");
    }

    /** Machines with this BIOS UUID; copies of a machine have the same. */
    List<Reference> machinesByUuid(String uuid) {
        Xml answer = call(
                "FindAllByUuid",
                service("searchIndex") + "<uuid>" + Xml.escaped(uuid) + "</uuid><vmSearch>true</vmSearch>"
                        + "<instanceUuid>false</instanceUuid>");
        return answer.all("returnval").map(Reference::of).toList();
    }

    /** Values of the properties that the object has, each as the element {@code val} under its name. */
    Optional<Xml> property(Reference object, String path) {
        Xml answer = call(
                "RetrieveProperties",
                service("propertyCollector") + "<specSet><propSet><type>" + Xml.escaped(object.type())
                        + "</type><pathSet>" + path + "</pathSet></propSet><objectSet>" + object.xml("obj")
                        + "</objectSet></specSet>");
        return answer.find("returnval")
                .flatMap(each -> each.all("propSet")
                        .filter(set -> set.textOf("name").equals(path))
                        .findFirst())
                .flatMap(set -> set.find("val"));
    }

    /** One page of what changed on a disk since a change ID. */
    Xml changedAreas(Reference machine, Reference snapshot, long deviceKey, long from, String changeId) {
        return call(
                        "QueryChangedDiskAreas",
                        machine.xml("_this") + snapshot.xml("snapshot") + "<deviceKey>" + deviceKey
                                + "</deviceKey><startOffset>" + from + "</startOffset><changeId>"
                                + Xml.escaped(changeId) + "</changeId>")
                .find("returnval")
                .orElseThrow(() -> senseless("QueryChangedDiskAreas", "without returnval"));
    }

    TransferFailure senseless(String call, String how) {
        return new TransferFailure(
                FailureReason.REFUSED_BY_SERVER,
                KIND + sdk + " answered " + call + " " + how + ". Check that the URL of the source is a vCenter or an"
                        + " ESXi host");
    }

    /** Ends the session; a server keeps only so many. */
    @Override
    public void close() {
        try {
            call("Logout", service("sessionManager"));
        } catch (TransferFailure e) {
            // It ends by itself when nobody uses it.
        }
    }

    private void logIn() {
        call(
                "Login",
                service("sessionManager") + "<userName>" + Xml.escaped(login.accessKeyId()) + "</userName><password>"
                        + Xml.escaped(login.secretKey()) + "</password>");
    }

    private String service(String name) {
        Xml service = content.find(name).orElseThrow(() -> senseless("RetrieveServiceContent", "without " + name));
        return Reference.of(service).xml("_this");
    }

    private Xml call(String method, String arguments) {
        Answer answer = send(method, arguments);
        Xml body = body(method, answer);
        Optional<Xml> fault = body.find("Fault");
        if (fault.isPresent() && isExpired(fault.get()) && !method.equals("Login") && !method.equals("Logout")) {
            // Sessions end after a while; this one is opened again once.
            logIn();
            body = body(method, send(method, arguments));
            fault = body.find("Fault");
        }
        if (fault.isPresent()) {
            throw refused(method, fault.get());
        }
        return body.find(method + "Response").orElseThrow(() -> senseless(method, "with status " + answer.status()));
    }

    private Answer send(String method, String arguments) {
        String envelope = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                + "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><"
                + method + " xmlns=\"urn:vim25\">" + arguments + "</" + method
                + "></soapenv:Body></soapenv:Envelope>";
        List<String> headers =
                new ArrayList<>(List.of("Content-Type: text/xml; charset=utf-8", "SOAPAction: \"urn:vim25/6.5\""));
        cookie.ifPresent(value -> headers.add("Cookie: " + value));
        Question post = Question.post(sdk, headers, envelope);
        Answer answer = api.ask(
                KIND + sdk + ", " + method,
                new Question(post.method(), post.url(), post.headerLines(), post.body(), MOST_BYTES),
                TRY_AGAIN);
        answer.head()
                .header("set-cookie")
                .map(COOKIE::matcher)
                .filter(Matcher::find)
                .ifPresent(found -> cookie = Optional.of(found.group()));
        return answer;
    }

    private Xml body(String method, Answer answer) {
        try {
            return Xml.parse(answer.text()).find("Body").orElseThrow(() -> new IOException("no SOAP body"));
        } catch (IOException e) {
            if (answer.status() == 401 || answer.status() == 403) {
                // Not vSphere's own way to say so, but that of what may stand before it.
                throw unauthorized(KIND + sdk + " answered " + method + " with status " + answer.status());
            }
            throw senseless(method, "with status " + answer.status() + " and " + e.getMessage());
        }
    }

    private static boolean isExpired(Xml fault) {
        return fault.find("detail", "NotAuthenticatedFault").isPresent();
    }

    private TransferFailure refused(String method, Xml fault) {
        String why = fault.textOf("faultstring");
        boolean rights = fault.find("detail")
                .filter(detail -> detail.children().stream()
                        .anyMatch(each -> Set.of("InvalidLoginFault", "NoPermissionFault", "NotAuthenticatedFault")
                                .contains(each.name())))
                .isPresent();
        String text =
                KIND + sdk + " refused " + method + ": " + why.substring(0, Math.min(LONGEST_FAULT, why.length()));
        return rights ? unauthorized(text) : new TransferFailure(FailureReason.REFUSED_BY_SERVER, text);
    }

    private static TransferFailure unauthorized(String text) {
        return new TransferFailure(
                FailureReason.UNAUTHORIZED,
                text
                        + ". Check accessKeyId and secretKey in the secret that the source's secretRef names, and the rights"
                        + " of that user");
    }
}
