package io.dvflow.dataplane.source.s3;

import io.dvflow.dataplane.source.http.StoreError;
import io.dvflow.dataplane.source.http.XmlText;
import io.dvflow.transfer.FailureReason;
import java.util.Optional;
import java.util.Set;

/**
 * What S3 says in the body of a refusal, and what that means.
 *
 * @param region where the object would be found, if that is what is wrong
 */
record S3Error(StoreError said, Optional<String> region) {

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
                StoreError.in(body), XmlText.of(body, "Region").filter(region -> region.matches(AwsHost.REGION)));
    }

    String inWords() {
        return said.inWords();
    }

    boolean is(String code) {
        return said.code().equals(code);
    }

    boolean isAboutKeys() {
        return KEYS.contains(said.code());
    }

    boolean isAboutTheClock() {
        return is("RequestTimeTooSkewed");
    }

    boolean passes() {
        return OF_THE_MOMENT.contains(said.code());
    }

    /** Empty where the status says it as well. */
    Optional<FailureReason> reason() {
        if (NOT_THERE.contains(said.code())) {
            return Optional.of(FailureReason.NOT_FOUND);
        }
        return isAboutKeys() || isAboutTheClock() ? Optional.of(FailureReason.UNAUTHORIZED) : Optional.empty();
    }
}
