package io.dvflow.starter.show;

import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Prints the completion script; picocli's own command for it has help options that clash with the common ones. */
@Command(
        name = "generate-completion",
        description = {
            "Prints a script that teaches bash and zsh to complete this command.",
            "Use it with: source <(dvflow generate-completion)"
        })
public final class CompletionCommand implements Callable<Integer> {
    private static final String NAME_ON_PATH = "dvflow";

    @ParentCommand
    private DvflowCommand dvflow;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        dvflow.screen().out().print(AutoComplete.bash(NAME_ON_PATH, spec.root().commandLine()));
        dvflow.screen().out().flush();
        return Exit.OK.code();
    }
}
