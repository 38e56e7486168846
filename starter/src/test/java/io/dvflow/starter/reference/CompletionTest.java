package io.dvflow.starter.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dvflow.starter.CommandRun;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lets a real bash and a real zsh complete command lines. */
class CompletionTest {
    /** As bash itself does it: by what {@code complete} has registered for the command. */
    private static final String BASH_ASKS = """
            compopt() { :; }; source "$1"; line="$2"; set -- $2; words=(dvflow "$@")
            [[ "$line" == *" " ]] && words+=("")
            COMP_WORDS=("${words[@]}"); COMP_CWORD=$((${#words[@]} - 1)); COMP_LINE="dvflow $line"
            COMP_POINT=${#COMP_LINE}; how=$(complete -p dvflow); [[ "$how" =~ -F\\ ([^ ]+) ]]
            "${BASH_REMATCH[1]}"; printf '%s\\n' "${COMPREPLY[@]}"
            """;

    /** As a person does it: the line, and the tab key twice. What the terminal shows then is the answer. */
    private static final String ZSH_IS_TYPED_AT = """
            zmodload zsh/zpty
            zpty terminal zsh -f -i
            zpty -w terminal "PS1=; unset zle_bracketed_paste; autoload -U compinit; compinit -D -u; source $1"
            zpty -w terminal "bindkey '^T' kill-whole-line; print re""ady"
            zpty -r -m terminal heard '*ready*'
            zpty -w -n terminal "dvflow $2"$'\\t\\t'
            zpty -w terminal $'\\C-tprint -r do""ne'
            zpty -r -m terminal heard '*done*'
            print -r -- "$heard"
            """;

    private static final String KUBECTL = """
            #!/bin/sh
            case "$*" in
              "get namespaces "*) printf 'vms\\nvirt\\n' ;;
              "get datavolumes.cdi.kubevirt.io -n vms "*) printf 'fedora\\nfreebsd\\n' ;;
              "get datavolumes.cdi.kubevirt.io "*) printf 'debian\\n' ;;
            esac
            """;

    @TempDir
    Path directory;

    private Path script;

    @BeforeEach
    void writeScript() throws Exception {
        script = Files.writeString(
                directory.resolve("completion"),
                CommandRun.offline().run("generate-completion").out());
        Path kubectl = Files.writeString(directory.resolve("kubectl"), KUBECTL);
        assertThat(kubectl.toFile().setExecutable(true)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "pa,pause",
        "re,resume retry",
        "status --name,--namespace",
        "import --volume-mode F,Filesystem",
        "import --access-mode R,ReadWriteOnce ReadWriteMany",
        "list -o y,yaml",
        "pause d,debian",
        "pause -n vms f,fedora freebsd",
        "logs --follow -n vms fe,fedora",
        "list -n vi,virt",
    })
    void bashCompletes(String typed, String offered) throws Exception {
        assertThat(bash(typed).split("\\s+")).contains(offered.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"import d", "set-rate-limit debian d", "pause debian d", "logs --tail d", "version d"})
    void noNameIsOfferedWhereNoneIsExpected(String typed) throws Exception {
        assertThat(bash(typed)).doesNotContain("debian");
    }

    @ParameterizedTest
    @CsvSource({
        "re,resume retry",
        "list -o y,yaml",
        "status --name,--namespace",
        "pause d,debian",
        "pause -n vms f,fedora freebsd",
    })
    void zshCompletes(String typed, String offered) throws Exception {
        assumeThat(isThere("zsh") || "1".equals(System.getenv("DVFLOW_REQUIRE_REAL")))
                .as("zsh is there")
                .isTrue();

        assertThat(answer("zsh", "-f", "-c", ZSH_IS_TYPED_AT, "zsh", script.toString(), typed))
                .contains(offered.split(" "));
    }

    @Test
    void theScriptIsForTheNameOnThePath() throws Exception {
        assertThat(Files.readString(script)).endsWith("complete -F _complete_dvflow_with_names -o default dvflow\n");
    }

    private String bash(String typed) throws Exception {
        return answer("bash", "--norc", "-c", BASH_ASKS, "bash", script.toString(), typed);
    }

    private String answer(String... command) throws Exception {
        var builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
        builder.environment().merge("PATH", directory.toString(), (path, first) -> first + File.pathSeparator + path);
        Process shell = builder.start();
        shell.getOutputStream().close();
        CompletableFuture<Process> deadline = shell.onExit().orTimeout(60, TimeUnit.SECONDS);
        // A shell that waits for a terminal would wait forever.
        var _ = deadline.exceptionally(_ -> shell.destroyForcibly());
        String answer = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(answer).isZero();
        return answer;
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
