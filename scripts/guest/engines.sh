# shellcheck shell=bash disable=SC2034
# Which engine can run a guest here, and why the better ones cannot.

engines_in_question() {
  if [[ $GUEST_ENGINE != auto ]]; then
    echo "$GUEST_ENGINE"
  elif $GUEST_FORCE; then
    echo kvm uml tcg
  else
    echo host kvm uml tcg
  fi
}

# engine_usable ENGINE: prepares ENGINE; otherwise ENGINE_PROBLEM says why it cannot be used.
engine_usable() {
  ENGINE_PROBLEM=''
  "engine_${1}_usable"
}

engine_announce() {
  local engine=$1 reasons=''
  shift
  (($# == 0)) || reasons=$(printf '%s; ' "$@")
  [[ -z $reasons ]] || reasons=" (${reasons%; })"
  if [[ $engine == host ]]; then
    say "guest: none needed, this machine has rdma_rxe (--force takes one nevertheless)"
  else
    say "guest: engine $engine$reasons"
  fi
}

# Only rxe devices have the attribute 'parent', the network interface below.
host_rxe_device() { compgen -G '/sys/class/infiniband/*/parent' >/dev/null; }

engine_host_usable() {
  host_rxe_device && return
  ENGINE_PROBLEM='no rdma_rxe in this kernel'
  have modprobe && modprobe -n -q rdma_rxe || return 1
  ENGINE_PROBLEM='rdma_rxe can be loaded by root only'
  ((EUID == 0)) || return 1
  ENGINE_PROBLEM='rdma_rxe does not load'
  modprobe -q rdma_rxe 2>/dev/null
}

engine_kvm_usable() {
  ENGINE_PROBLEM='no /dev/kvm'
  [[ -e /dev/kvm ]] || return 1
  ENGINE_PROBLEM='/dev/kvm is not writable by this user'
  [[ -w /dev/kvm ]] || return 1
  guest_tools qemu-system-x86_64=qemu-system-x86
  kvm_probe || return 1
  qemu_image
}

# A /dev/kvm that opens may still be unable to run a kernel (nested virtualisation): QEMU aborts when it sets up a CPU.
kvm_probe() {
  local answer
  answer=$(echo quit | timeout 10 qemu-system-x86_64 -M q35 -accel kvm -cpu host -m 64M -display none -nodefaults -S \
    -monitor stdio 2>&1 >/dev/null) && return
  ENGINE_PROBLEM=$(grep -m1 -oE '(failed to set MSR|Could not access KVM|failed to initialize kvm).*' <<<"$answer") ||
    ENGINE_PROBLEM='/dev/kvm cannot run a CPU'
  return 1
}

engine_uml_usable() {
  uml_kernel_find || return 1
  ENGINE_PROBLEM="$UML_KERNEL does not run here"
  "$UML_KERNEL" --version </dev/null >/dev/null 2>&1 || return 1
  guest_tools
}

engine_tcg_usable() {
  guest_tools qemu-system-x86_64=qemu-system-x86
  qemu_image
}

# rdma-core as programs find it; inside a guest it is the host's.
RDMA_TOOLS=(ip=iproute2 rdma=iproute2 ibv_devinfo=ibverbs-utils '/usr/lib*/*/libibverbs/librxe*=ibverbs-providers'
  '/usr/lib*/*/librdmacm.so.1=librdmacm1')

# What every guest uses of the host's file system, and a cache for its kernel.
guest_tools() {
  guest_cache
  require_tools 'the soft-RoCE guest' setpriv=util-linux "${RDMA_TOOLS[@]}" "$@"
}
