package io.finemem.it.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.finemem", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] NATIVE = {"jnr..", "com.kenai.jffi..", "com.ibm.disni.."};
    private static final String[] COMPOSITION = {"com.google.inject..", "picocli..", "com.typesafe.config.."};

    @ArchTest
    static final ArchRule apiKnowsNothingButTheJdk = classes()
            .that()
            .resideInAPackage("io.finemem.api..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "io.finemem.api..");

    @ArchTest
    static final ArchRule spiKnowsNothingButApiAndTheJdk = classes()
            .that()
            .resideInAPackage("io.finemem.spi..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "io.finemem.api..", "io.finemem.spi..");

    @ArchTest
    static final ArchRule allocatorKnowsNoTransportNoCoordinationAndNoRuntime = noClasses()
            .that()
            .resideInAPackage("io.finemem.allocator..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.finemem.transport..",
                    "io.finemem.verbs..",
                    "io.finemem.coordination..",
                    "io.finemem.runtime..",
                    "io.finemem.spi.coordination..");

    @ArchTest
    static final ArchRule wordsAndDecisionsArePure = classes()
            .that()
            .resideInAnyPackage("io.finemem.allocator.layout..", "io.finemem.allocator.decision..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java.lang..",
                    "java.util.function..",
                    "org.jspecify..",
                    "io.finemem.api..",
                    "io.finemem.allocator.layout..",
                    "io.finemem.allocator.decision..");

    @ArchTest
    static final ArchRule proceduresKnowNoTransport = noClasses()
            .that()
            .resideInAnyPackage("io.finemem.allocator.procedure..", "io.finemem.allocator.recovery..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.finemem.spi..", "io.finemem.allocator.driver..", "java.time..", "org.slf4j..");

    @ArchTest
    static final ArchRule dataPathKnowsNothingOfAllocation = noClasses()
            .that()
            .resideInAPackage("io.finemem.allocator.data..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.finemem.allocator",
                    "io.finemem.allocator.control..",
                    "io.finemem.allocator.decision..",
                    "io.finemem.allocator.driver..",
                    "io.finemem.allocator.memorynode..",
                    "io.finemem.allocator.owner..",
                    "io.finemem.allocator.procedure..",
                    "io.finemem.allocator.recovery..");

    @ArchTest
    static final ArchRule onlyTransportVerbsTheIpcAndNumaTouchNativeCode = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.finemem.verbs..",
                    "io.finemem.transport.verbs..",
                    "io.finemem.service.ipc..",
                    "io.finemem.runtime.numa..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(NATIVE);

    @ArchTest
    static final ArchRule onlyTheRuntimeKnowsGuiceConfigurationFilesAndTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackages("io.finemem.runtime..", "io.finemem.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(COMPOSITION);

    @ArchTest
    static final ArchRule modulesHaveNoCycles =
            slices().matching("io.finemem.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesOfTheAllocatorHaveNoCycles =
            slices().matching("io.finemem.allocator.(*)..").should().beFreeOfCycles();
}
