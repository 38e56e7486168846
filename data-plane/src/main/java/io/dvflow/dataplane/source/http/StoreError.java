package io.dvflow.dataplane.source.http;

/**
 * What an object store says in the body of a refusal; S3's form, which others have taken over.
 *
 * @param code one word, empty if there is none
 * @param message a sentence without line breaks, empty if there is none
 */
public record StoreError(String code, String message) {

    public static StoreError in(String body) {
        return new StoreError(
                XmlText.of(body, "Code").map(XmlText::tame).orElse(""),
                XmlText.of(body, "Message").map(XmlText::tame).orElse(""));
    }

    /** For the end of a sentence: {@code , NoSuchKey: The specified key does not exist}, or nothing. */
    public String inWords() {
        String said = code + (code.isEmpty() || message.isEmpty() ? "" : ": ") + message;
        return said.isEmpty() ? "" : ", " + said.replaceAll("[.\\s]+$", "");
    }
}
