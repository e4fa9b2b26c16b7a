# shellcheck shell=bash disable=SC2034
# Guest kernels in the cache: Debian's with a small initramfs for QEMU, and user-mode Linux built from Debian's source.
# A directory's name holds the kernel's version and a hash of its recipe. It appears when it is complete; a lock lets
# one process make it.

# Sets GUEST_CACHE.
guest_cache() {
  cache_directory
  GUEST_CACHE=$CACHE_DIRECTORY/guest
  mkdir -p "$GUEST_CACHE" || exit 1
}

# recipe_hash KIND: changes when one of the files that make a kernel does.
recipe_hash() { cat -- "$FINEMEM_ROOT/scripts/guest/$1/"* | sha256sum | cut -c1-12; }

# kernel_find KIND FILE: prints the complete directory of this recipe.
kernel_find() {
  local candidate
  for candidate in "$GUEST_CACHE/$1"-*-"$(recipe_hash "$1")"; do
    [[ -f $candidate/$2 ]] && echo "$candidate" && return
  done
  return 1
}

# kernel_make KIND FILE: makes it unless another process just did. With the lock held, a half-made directory is one
# whose maker was killed.
kernel_make() {
  local kind=$1 file=$2
  exec 9>"$GUEST_CACHE/lock"
  flock 9
  rm -rf -- "$GUEST_CACHE"/new.*
  kernel_find "$kind" "$file" >/dev/null || in_child kernel_build "$kind" || exit 1
  exec 9>&-
}

kernel_build() {
  local kind=$1 work
  work=$(mktemp -d "$GUEST_CACHE/new.XXXXXX") || exit 1
  at_exit "rm -rf $(quote "$work")"
  # timeout makes a process group, so that one signal ends all of make.
  setpriv --pdeathsig TERM timeout 7200 bash "$FINEMEM_ROOT/scripts/guest/$kind/build.sh" "$work" 9>&- &
  wait $! || fail "guest: the $kind kernel could not be made"
  mv -T "$work/image" "$GUEST_CACHE/$kind-$(<"$work/image/version")-$(recipe_hash "$kind")"
}

# Sets QEMU_IMAGE to a directory with vmlinuz and initramfs.gz, made on first use.
qemu_image() {
  guest_cache
  if ! QEMU_IMAGE=$(kernel_find qemu vmlinuz); then
    have apt-get ||
      fail "guest: QEMU's kernel comes from Debian's package linux-image-amd64, and there is no apt-get here"
    require_tools 'the guest kernel image' cpio=cpio depmod=kmod modprobe=kmod xz=xz-utils
    say "guest: fetching Debian's kernel for QEMU (70 MB, once)"
    kernel_make qemu vmlinuz
    QEMU_IMAGE=$(kernel_find qemu vmlinuz)
  fi
}

# Sets UML_KERNEL, if a user-mode kernel was named or built; otherwise ENGINE_PROBLEM.
uml_kernel_find() {
  if [[ -n ${FINEMEM_UML_KERNEL:-} ]]; then
    ENGINE_PROBLEM="FINEMEM_UML_KERNEL=$FINEMEM_UML_KERNEL is no executable file"
    UML_KERNEL=$(realpath -e -- "$FINEMEM_UML_KERNEL" 2>/dev/null) && [[ -f $UML_KERNEL && -x $UML_KERNEL ]]
    return
  fi
  guest_cache
  ENGINE_PROBLEM='not built, ./finemem guest --build-uml does it'
  UML_KERNEL=$(kernel_find uml linux)/linux
}

uml_kernel_build() {
  guest_cache
  if ! kernel_find uml linux >/dev/null; then
    require_tools 'building user-mode Linux' /usr/src/linux-source-6.1.tar.xz=linux-source-6.1 gcc=build-essential \
      make=build-essential flex=flex bison=bison bc=bc patch=patch xz=xz-utils \
      '/usr/include/libelf.h=libelf-dev' '/usr/include/openssl/ssl.h=libssl-dev'
    say 'guest: building user-mode Linux (8 minutes on 2 cores, once)'
    kernel_make uml linux
  fi
  say "guest: user-mode Linux is ready: $(kernel_find uml linux)/linux"
}
