package io.dvflow.testbed.kubeapi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link KubeApi} as a parameter: one for the whole test run, started at first use, so tests keep apart
 * by namespaces. Without {@code DVFLOW_BIN} the tests are skipped, or fail if {@code DVFLOW_REQUIRE_REAL=1}.
 *
 * <p>Use with {@code @ExtendWith(KubeApiExtension.class)}.
 */
public final class KubeApiExtension implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(KubeApiExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        kubeApi(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == KubeApi.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return kubeApi(context);
    }

    private static KubeApi kubeApi(ExtensionContext context) {
        Map<String, String> environment = System.getenv();
        Optional<Binaries> binaries = Binaries.find(environment);
        if (binaries.isEmpty()) {
            if (Binaries.required(environment)) {
                Assertions.fail(Binaries.absenceMessage());
            }
            Assumptions.abort(Binaries.absenceMessage());
        }
        // Values of the root store that can be closed are closed by JUnit at the end of the run.
        return context.getRoot()
                .getStore(STORE)
                .computeIfAbsent(KubeApi.class, _ -> KubeApi.start(binaries.orElseThrow(), List.of()), KubeApi.class);
    }
}
