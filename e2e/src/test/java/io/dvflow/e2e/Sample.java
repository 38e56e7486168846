package io.dvflow.e2e;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The rows of a table that this run takes. */
final class Sample {

    private Sample() {}

    /**
     * @param variable environment variable that holds a number of rows, a pattern of rows, or {@code all}; {@code
     *     DVFLOW_KILL_SEED} picks which ones
     * @param usual how many rows without it
     */
    static <T> List<T> of(String variable, int usual, List<T> all) {
        String rows = System.getenv().getOrDefault(variable, Integer.toString(usual));
        if (rows.equals("all")) {
            return all;
        }
        if (!rows.matches("\\d+")) {
            return all.stream()
                    .filter(row -> row.toString().matches(".*(" + rows + ").*"))
                    .toList();
        }
        long seed = Long.parseLong(System.getenv().getOrDefault("DVFLOW_KILL_SEED", "1"));
        System.out.println("Rows picked by DVFLOW_KILL_SEED=" + seed + ": " + rows + " of " + all.size());
        List<T> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(seed));
        return shuffled.subList(0, Math.min(Integer.parseInt(rows), all.size()));
    }
}
