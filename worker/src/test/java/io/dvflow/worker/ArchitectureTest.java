package io.dvflow.worker;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/** Which way dependencies point, and what workflow code may not touch if it is to be replayed. */
@AnalyzeClasses(packages = "io.dvflow", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String CLIENTS = "io.fabric8.kubernetes..";

    @ArchTest
    static final ArchRule theApiKnowsNoneOfUs = noClasses()
            .that()
            .resideInAPackage("io.dvflow.api..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.dvflow.workflows..", "io.dvflow.activities..", "io.dvflow.worker..", "io.temporal..");

    @ArchTest
    static final ArchRule theTransferContractKnowsNeitherKubernetesNorTemporal = noClasses()
            .that()
            .resideInAPackage("io.dvflow.transfer..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    CLIENTS, "io.temporal..", "io.dvflow.api..", "io.dvflow.workflows..", "io.dvflow.activities..");

    @ArchTest
    static final ArchRule workflowsKnowNoKubernetesAndNoActivity = noClasses()
            .that()
            .resideInAPackage("io.dvflow.workflows..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CLIENTS, "io.dvflow.activities..", "io.dvflow.worker..", "io.dvflow.temporal..");

    @ArchTest
    static final ArchRule activitiesKnowNoWorker = noClasses()
            .that()
            .resideInAPackage("io.dvflow.activities..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.dvflow.worker..", "io.dvflow.temporal..", "io.dvflow.process..");

    @ArchTest
    static final ArchRule workflowImplementationsAreForTheWorkerAlone = noClasses()
            .that()
            .resideOutsideOfPackages("io.dvflow.workflows..", "io.dvflow.worker..")
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are workflow implementations",
                    (JavaClass each) -> each.getPackageName().startsWith("io.dvflow.workflows")
                            && each.getSimpleName().endsWith("WorkflowImpl")));

    @ArchTest
    static final ArchRule workflowsAreDeterministic = noClasses()
            .that()
            .resideInAPackage("io.dvflow.workflows..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("java.io..", "java.net..", "java.nio..", "java.util.concurrent..")
                    // A box for what a lambda sets is no concurrency.
                    .and(DescribedPredicate.not(named("Serializable", "AtomicReference"))))
            .orShould()
            .dependOnClassesThat(resideInAnyPackage("java.util").and(named("Random", "Timer", "UUID")))
            .orShould()
            .dependOnClassesThat(resideInAnyPackage("java.lang").and(named("Thread", "ProcessBuilder")))
            .orShould()
            .callMethodWhere(target(owner(resideInAnyPackage("java.time"))).and(target(name("now"))))
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.slf4j.LoggerFactory");

    @ArchTest
    static final ArchRule capabilitiesOfTheWorkflowsFormNoCycle =
            slices().matching("io.dvflow.activities.(*)..").should().beFreeOfCycles();

    private static DescribedPredicate<JavaClass> named(String... simpleNames) {
        return DescribedPredicate.describe(
                "are " + String.join(", ", simpleNames),
                each -> List.of(simpleNames).contains(each.getSimpleName()));
    }
}
