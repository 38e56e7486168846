package io.dvflow.starter;

import io.dvflow.starter.cluster.KubernetesClusters;
import io.dvflow.starter.output.Screen;
import java.io.PrintWriter;
import java.time.Clock;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Entry point of the {@code dvflow} command and of the {@code kubectl dv} plug-in. */
public final class DvflowMain {
    private DvflowMain() {}

    public static void main(String[] arguments) {
        // The Kubernetes client logs through SLF4J; without a provider that would greet every user with a warning.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        var surroundings = new Surroundings(
                System.getProperty("dvflow.command", "dvflow"),
                Screen.ofThisProcess(),
                System.in,
                Clock.systemUTC(),
                KubernetesClusters::open);
        System.exit(run(surroundings, arguments));
    }

    /** Runs one command line and returns its exit code. */
    public static int run(Surroundings surroundings, String... arguments) {
        var commandLine = commandLine(surroundings);
        if (arguments.length == 0) {
            commandLine.usage(surroundings.screen().err());
            return Exit.USAGE.code();
        }
        return commandLine.execute(arguments);
    }

    public static CommandLine commandLine(Surroundings surroundings) {
        var commandLine = new CommandLine(new DvflowCommand(surroundings))
                .setCommandName(surroundings.command())
                .setOut(surroundings.screen().out())
                .setErr(surroundings.screen().err())
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(110)
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedSubcommandsAllowed(false)
                .setExecutionExceptionHandler(DvflowMain::tell);
        commandLine.setParameterExceptionHandler((wrong, _) -> {
            PrintWriter err = wrong.getCommandLine().getErr();
            err.println("error: " + wrong.getMessage().replaceFirst("^Error: ", ""));
            CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
            err.println("See '" + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            err.flush();
            return Exit.USAGE.code();
        });
        return commandLine;
    }

    private static int tell(Exception thrown, CommandLine commandLine, ParseResult parsed) {
        DvflowCommand dvflow = parsed.commandSpec().root().commandLine().getCommand();
        PrintWriter err = dvflow.screen().err();
        Exit exit = thrown instanceof CommandFailure failure ? failure.exit() : Exit.BUG;
        if (exit == Exit.BUG) {
            err.println("error: dvflow met something it does not know: " + thrown
                    + ". This is an error in dvflow; --verbose shows where.");
        } else {
            err.println(dvflow.screen().palette().bad("error: ") + thrown.getMessage());
        }
        if (dvflow.verbose()) {
            thrown.printStackTrace(err);
        }
        err.flush();
        return exit.code();
    }
}
