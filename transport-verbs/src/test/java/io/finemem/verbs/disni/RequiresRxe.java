package io.finemem.verbs.disni;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs only where there is an rxe device; skipped with a reason elsewhere, or failed if FINEMEM_REQUIRE_RXE=1. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("rxe")
@ExtendWith(RxeCondition.class)
public @interface RequiresRxe {}
