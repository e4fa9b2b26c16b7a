package io.finemem.runtime.control;

/** How the two sides of a control connection prove who they are; both must use the same way. */
public sealed interface ControlSecurity permits PresharedSecret, TlsIdentity {}
