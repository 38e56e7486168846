package io.dvflow.starter.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.starter.CommandRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lets a real bash complete command lines. */
class CompletionTest {
    @TempDir
    Path directory;

    private Path script;

    @BeforeEach
    void writeScript() throws Exception {
        script = Files.writeString(
                directory.resolve("completion"),
                CommandRun.offline().run("generate-completion").out());
    }

    @ParameterizedTest
    @CsvSource({
        "pa,pause",
        "re,resume retry",
        "status --name,--namespace",
        "import --volume-mode F,Filesystem",
        "import --access-mode R,ReadWriteOnce ReadWriteMany",
        "list -o y,yaml",
    })
    void bashCompletes(String typed, String offered) throws Exception {
        assertThat(complete(typed).split("\\s+")).contains(offered.split(" "));
    }

    @Test
    void theScriptIsForTheNameOnThePath() throws Exception {
        assertThat(Files.readString(script)).contains("complete -F _complete_dvflow -o default dvflow");
    }

    private String complete(String typed) throws Exception {
        String question = """
                compopt() { :; }; source "$1"; set -- dvflow $2
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
                _complete_dvflow; printf '%s\\n' "${COMPREPLY[@]}"
                """;
        var bash = new ProcessBuilder("bash", "--norc", "-c", question, "bash", script.toString(), typed)
                .redirectErrorStream(true)
                .start();
        bash.getOutputStream().close();
        String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(answer).isZero();
        return answer;
    }
}
