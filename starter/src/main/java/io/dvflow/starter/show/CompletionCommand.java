package io.dvflow.starter.show;

import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * Prints the completion script; picocli's own command for it has help options that clash with the common ones, and knows
 * no names of objects.
 */
@Command(
        name = "generate-completion",
        description = {
            "Prints a script that teaches bash and zsh to complete this command.",
            "Use it with: source <(dvflow generate-completion)",
            "Names of DataVolumes and namespaces are completed where kubectl is on the path."
        })
public final class CompletionCommand implements Callable<Integer> {
    private static final String NAME_ON_PATH = "dvflow";
    private static final String NAMES = "names-completion.sh";

    @ParentCommand
    private DvflowCommand dvflow;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        dvflow.screen().out().print(AutoComplete.bash(NAME_ON_PATH, spec.root().commandLine()));
        dvflow.screen().out().print(names());
        dvflow.screen().out().flush();
        return Exit.OK.code();
    }

    private static String names() {
        try (InputStream script = CompletionCommand.class.getResourceAsStream(NAMES)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading " + NAMES + ", which is part of the command", e);
        }
    }
}
