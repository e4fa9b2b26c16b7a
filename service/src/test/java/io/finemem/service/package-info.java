@NullMarked
package io.finemem.service;

import org.jspecify.annotations.NullMarked;
