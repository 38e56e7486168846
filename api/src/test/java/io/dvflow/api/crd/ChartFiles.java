package io.dvflow.api.crd;

import java.nio.file.Path;

/** Where the chart keeps what this module is responsible for. */
public final class ChartFiles {
    private static final Path TEMPLATES = Path.of(System.getProperty("basedir", "."), "../helm/dvflow/templates")
            .normalize();

    public static final Path CRDS = TEMPLATES.resolve("crds");
    public static final Path ADMISSION = TEMPLATES.resolve("admission");

    private ChartFiles() {}
}
