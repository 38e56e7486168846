package io.dvflow.dataplane.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.transfer.Mark;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveMarkTest {
    /** A mark comes from a volume that may have been in other hands. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "{\"used\":{},\"way\":[null]}",
                "{\"used\":{},\"way\":[{}]}",
                "{\"used\":{},\"way\":[{\"name\":\"..\"}]}",
                "{\"used\":{},\"way\":[],\"file\":{\"modified\":\"2026-01-01T00:00:00Z\"}}",
                "{\"used\":{},\"way\":[],\"file\":{\"name\":\"f\"}}",
                "{\"used\":{},\"way\":[],\"file\":{\"name\":\"f\",\"modified\":\"yesterday\"}}"
            })
    void whatMakesNoSenseIsNoMark(String state) {
        assertThat(ArchiveMark.of(mark(state))).isEmpty();
    }

    @Test
    void whatMakesSenseIsOne() {
        assertThat(ArchiveMark.of(mark("{\"used\":{},\"way\":[{\"name\":\"d\"}],\"file\":{\"name\":\"f\","
                        + "\"modified\":\"2026-01-01T00:00:00Z\",\"dataAt\":512,\"size\":1}}")))
                .isPresent();
    }

    private static Mark mark(String state) {
        return new Mark(512, Map.of("kind", "tar", "state", state), Optional.empty());
    }
}
