package io.dvflow.starter.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CliReferenceTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "cli.md");

    /** To write the page anew: {@code mvn -pl starter -am test -Dtest=CliReferenceTest -Ddvflow.writeReference=true}. */
    @Test
    void thePageSaysWhatTheHelpSays() throws Exception {
        if (Boolean.getBoolean("dvflow.writeReference")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, CliReference.page());
        }

        assertThat(PAGE)
                .as("docs/reference/cli.md; write it anew with -Ddvflow.writeReference=true")
                .hasContent(CliReference.page());
    }
}
