package io.dvflow.starter.output;

import io.dvflow.transfer.ByteRate;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 50Mi} and {@code none}. */
public final class RateConverter implements ITypeConverter<ByteRate> {

    private static final String NONE = "none";

    @Override
    public ByteRate convert(String text) {
        if (text.equals(NONE)) {
            return ByteRate.UNLIMITED;
        }
        try {
            return ByteRate.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(
                    "expected bytes per second such as 50Mi, or none for no limit, found '" + text + "'");
        }
    }
}
