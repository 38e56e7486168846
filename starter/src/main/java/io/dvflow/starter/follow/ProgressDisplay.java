package io.dvflow.starter.follow;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.operation.Explanation;
import io.dvflow.starter.operation.Hints;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.operation.Standing;
import io.dvflow.starter.output.Screen;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Progress for people: on a terminal one line that is drawn again, elsewhere a line for each change. Above it, each
 * once, the reasons why it waits.
 */
public final class ProgressDisplay implements Display {
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Screen screen;
    private final PrintWriter target;
    private final Hints hints;
    private final RemainingTime remainingTime = new RemainingTime();

    private Optional<Operation> shown = Optional.empty();
    private String line = "";
    private String reason = "";

    /** @param target where the lines go, on the screen's progress side or its result side */
    public ProgressDisplay(Screen screen, PrintWriter target, Hints hints) {
        this.screen = screen;
        this.target = target;
        this.hints = hints;
    }

    @Override
    public void show(DataVolume dataVolume, Operation operation, Instant now) {
        operation.percent().ifPresent(percent -> remainingTime.seen(percent, now));
        shown = Optional.of(operation);
        tellNewReason(operation);
        draw(now);
    }

    @Override
    public void tick(Instant now) {
        if (screen.redraw()) {
            draw(now);
        }
    }

    @Override
    public void end() {
        if (screen.redraw() && shown.isPresent()) {
            target.println();
            target.flush();
        }
    }

    private void draw(Instant now) {
        shown.ifPresent(operation -> {
            Duration elapsed = operation
                    .created()
                    .map(created -> Duration.between(created, now))
                    .orElse(Duration.ZERO);
            if (screen.redraw()) {
                target.print(CLEAR_LINE
                        + ProgressLine.withBar(operation, elapsed, remaining(operation, now), screen.columns()));
            } else {
                appendIfChanged(operation, elapsed);
            }
            target.flush();
        });
    }

    private Optional<Duration> remaining(Operation operation, Instant now) {
        return operation.isTransferring() ? remainingTime.estimate(now) : Optional.empty();
    }

    private void appendIfChanged(Operation operation, Duration elapsed) {
        String withoutTime = ProgressLine.plain(operation, Duration.ZERO);
        if (!withoutTime.equals(line)) {
            line = withoutTime;
            target.println(ProgressLine.plain(operation, elapsed));
        }
    }

    /** Short waits are no news; a consumer, a person or trouble is. */
    private void tellNewReason(Operation operation) {
        Optional<String> found = reasonWorthTelling(operation);
        if (found.isEmpty() || found.get().equals(reason)) {
            return;
        }
        reason = found.get();
        String text = screen.palette().waiting("waiting for ") + reason;
        target.println(screen.redraw() ? CLEAR_LINE + text : text);
    }

    private Optional<String> reasonWorthTelling(Operation operation) {
        boolean worthTelling = operation.standing() == Standing.PAUSED
                || operation.trouble().isPresent()
                || operation.engineAway().isPresent()
                || switch (operation.phase()) {
                    case WAIT_FOR_FIRST_CONSUMER, PENDING_POPULATION, UPLOAD_READY -> true;
                    default -> false;
                };
        if (!worthTelling || operation.standing().isOver()) {
            return Optional.empty();
        }
        Explanation explanation = Explanation.of(operation, hints);
        return explanation.waitingFor().map(waitingFor -> waitingFor + " " + explanation.next());
    }
}
