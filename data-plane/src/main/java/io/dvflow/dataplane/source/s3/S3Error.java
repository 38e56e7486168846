package io.dvflow.dataplane.source.s3;

import io.dvflow.transfer.FailureReason;
import java.util.Optional;
import java.util.Set;

/**
 * What S3 says in the body of a refusal.
 *
 * @param code one word, empty if there is none
 * @param message a sentence without line breaks, empty if there is none
 * @param region where the object would be found, if that is what is wrong
 */
record S3Error(String code, String message, Optional<String> region) {

    private static final int LONGEST_MESSAGE = 300;
    private static final Set<String> NOT_THERE =
            Set.of("NoSuchKey", "NoSuchBucket", "NoSuchVersion", "InvalidBucketName", "KeyTooLongError");
    private static final Set<String> OF_THE_MOMENT =
            Set.of("SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "OperationAborted");
    private static final Set<String> KEYS = Set.of(
            "AccessDenied",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "InvalidToken",
            "TokenRefreshRequired",
            "AccountProblem",
            "AllAccessDisabled");

    static S3Error in(String body) {
        return new S3Error(
                XmlText.of(body, "Code").map(S3Error::tame).orElse(""),
                XmlText.of(body, "Message").map(S3Error::tame).orElse(""),
                XmlText.of(body, "Region").filter(region -> region.matches(AwsHost.REGION)));
    }

    /** For the end of a sentence: {@code , NoSuchKey: The specified key does not exist}, or nothing. */
    String inWords() {
        String said = code + (code.isEmpty() || message.isEmpty() ? "" : ": ") + message;
        return said.isEmpty() ? "" : ", " + said.replaceAll("[.\\s]+$", "");
    }

    boolean isAboutKeys() {
        return KEYS.contains(code);
    }

    boolean isAboutTheClock() {
        return code.equals("RequestTimeTooSkewed");
    }

    boolean passes() {
        return OF_THE_MOMENT.contains(code);
    }

    /** Empty where the status says it as well. */
    Optional<FailureReason> reason() {
        if (NOT_THERE.contains(code)) {
            return Optional.of(FailureReason.NOT_FOUND);
        }
        return isAboutKeys() || isAboutTheClock() ? Optional.of(FailureReason.UNAUTHORIZED) : Optional.empty();
    }

    /** A server's own text, fit for a condition. */
    private static String tame(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ");
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }
}
