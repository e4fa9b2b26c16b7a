package io.finemem.verbs.disni;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the class of DiSNI in whose place the annotated class is defined; marks that definition as ours at run time. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Replaces {
    /** Binary name of DiSNI's class. */
    String value();
}
