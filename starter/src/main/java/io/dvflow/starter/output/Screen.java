package io.dvflow.starter.output;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where output goes: results to {@code out}, progress and errors to {@code err}, so that results can be piped.
 *
 * @param redraw whether {@code err} is a terminal on which a line may be drawn again
 * @param columns width of that terminal
 */
public record Screen(PrintWriter out, PrintWriter err, boolean redraw, int columns, Palette palette) {
    private static final int DEFAULT_COLUMNS = 100;

    /** Set by the launcher to the number of the descriptors that are terminals, such as {@code 12}. */
    private static final String TERMINALS = "dvflow.terminals";

    public static Screen ofThisProcess() {
        String terminals = System.getProperty(TERMINALS, consoleTerminals());
        boolean colorful = terminals.contains("1") && terminals.contains("2") && noColorUnset();
        return new Screen(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                terminals.contains("2"),
                widthOfTerminal(),
                colorful ? Palette.ANSI : Palette.PLAIN);
    }

    public Screen withoutColor() {
        return new Screen(out, err, redraw, columns, Palette.PLAIN);
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    @SuppressWarnings("SystemConsoleNull") // its Javadoc still allows null, and without a terminal module it is
    private static String consoleTerminals() {
        Console console = System.console();
        return console != null && console.isTerminal() ? "12" : "";
    }

    private static boolean noColorUnset() {
        String noColor = System.getenv("NO_COLOR");
        return noColor == null || noColor.isEmpty();
    }

    private static int widthOfTerminal() {
        return Integer.getInteger("dvflow.columns", DEFAULT_COLUMNS);
    }
}
