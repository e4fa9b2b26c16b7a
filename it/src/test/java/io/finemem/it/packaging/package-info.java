/** Files that other programs read: the Kubernetes manifest, the workflow, the dashboard, the published artifacts. */
@NullMarked
package io.finemem.it.packaging;

import org.jspecify.annotations.NullMarked;
