/** What the documents say is true. */
@org.jspecify.annotations.NullMarked
package io.finemem.it.documentation;
