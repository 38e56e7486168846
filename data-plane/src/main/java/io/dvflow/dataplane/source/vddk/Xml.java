package io.dvflow.dataplane.source.vddk;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An element of an answer, namespaces left out.
 *
 * @param type value of the attribute {@code type} of whatever namespace: the class of an object, or the kind of a reference
 */
record Xml(String name, String type, String text, List<Xml> children) {

    /** Snapshots and backing files nest, but not so deep. */
    private static final int DEEPEST = 200;

    /** @throws IOException if it is no XML, or of the kinds that can do harm */
    static Xml parse(String document) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(document));
            while (reader.hasNext()) {
                if (reader.next() == XMLStreamConstants.START_ELEMENT) {
                    return element(reader, 0);
                }
            }
            throw new IOException("an answer without an element");
        } catch (XMLStreamException e) {
            throw new IOException("an answer that is not XML", e);
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    Stream<Xml> all(String childName) {
        return children.stream().filter(child -> child.name.equals(childName));
    }

    /** The first child along a path of names. */
    Optional<Xml> find(String... path) {
        Optional<Xml> at = Optional.of(this);
        for (String step : path) {
            at = at.flatMap(each -> each.all(step).findFirst());
        }
        return at;
    }

    /** Text of an element along a path; empty if it is not there. */
    String textOf(String... path) {
        return find(path).map(Xml::text).orElse("");
    }

    /** A whole number along a path; -1 if it is not there or is none. */
    long numberOf(String... path) {
        String digits = textOf(path);
        return digits.matches("\\d{1,18}") ? Long.parseLong(digits) : -1;
    }

    private static Xml element(XMLStreamReader reader, int depth) throws XMLStreamException, IOException {
        if (depth > DEEPEST) {
            throw new IOException("an answer that is nested deeper than any real one");
        }
        String name = reader.getLocalName();
        String type = "";
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            if (reader.getAttributeLocalName(i).equals("type")) {
                type = reader.getAttributeValue(i).replaceFirst("^.*:", "");
            }
        }
        StringBuilder text = new StringBuilder();
        List<Xml> children = new ArrayList<>();
        while (true) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> children.add(element(reader, depth + 1));
                case XMLStreamConstants.CHARACTERS -> text.append(reader.getText());
                case XMLStreamConstants.END_ELEMENT -> {
                    return new Xml(name, type, text.toString().strip(), List.copyOf(children));
                }
                default -> {
                    // Comments and the like.
                }
            }
        }
    }
}
