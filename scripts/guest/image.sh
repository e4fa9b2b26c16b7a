# shellcheck shell=bash disable=SC2034
# Guest kernels in the cache: Debian's kernel with a small initramfs for QEMU, and user-mode Linux built from Debian's
# source. A directory appears under its final name only when it is complete; a lock lets one process make it.

GUEST_MODULES=(virtio_pci 9pnet_virtio 9p overlay veth dummy sch_netem crc32_generic crc32_pclmul crc32c_generic
  rdma_rxe ib_uverbs rdma_ucm)

guest_cache() {
  local directory
  directory=$(cache_directory)/guest
  mkdir -p "$directory"
  printf '%s' "$directory"
}

# recipe_hash FILE...: changes when one of the files that make an image does.
recipe_hash() { (cd "$FINEMEM_ROOT/scripts/guest" && cat -- "$@" | sha256sum | cut -c1-12); }

# Sets QEMU_IMAGE to a directory with vmlinuz and initramfs.gz, made on first use.
qemu_image() {
  local cache hash
  cache=$(guest_cache)
  hash=$(recipe_hash image.sh inside/init-qemu)
  qemu_image_find "$cache" "$hash" && return
  have apt-get || fail "guest: the QEMU kernel comes from Debian's package linux-image-amd64, and there is no apt-get here"
  require_tools 'the guest kernel image' cpio=cpio depmod=kmod modprobe=kmod xz=xz-utils
  exec 9>"$cache/lock"
  flock 9
  qemu_image_find "$cache" "$hash" || qemu_image_make "$cache" "$hash"
  exec 9>&-
  qemu_image_find "$cache" "$hash"
}

qemu_image_find() {
  local candidate
  for candidate in "$1"/qemu-*-"$2"; do
    [[ -f $candidate/vmlinuz ]] && QEMU_IMAGE=$candidate && return
  done
  return 1
}

qemu_image_make() {
  local cache=$1 hash=$2 work release
  say "guest: fetching Debian's kernel for the guest (once, 70 MB)"
  work=$(mktemp -d "$cache/new.XXXXXX")
  (
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    qemu_image_fetch
    release=$(basename boot/vmlinuz-* | sed 's/^vmlinuz-//')
    qemu_initramfs "$release"
    mkdir image
    mv "boot/vmlinuz-$release" image/vmlinuz
    mv initramfs.gz image/
    mv -T image "$cache/qemu-$release-$hash"
  ) || fail "guest: the guest kernel image could not be made"
}

# Unpacked, never installed: ./boot, ./lib/modules, ./bin/busybox.
qemu_image_fetch() {
  local kernel
  kernel=$(guest_kernel_package)
  [[ -n $kernel ]] || { can_be_root && apt_update >/dev/null 2>&1 && kernel=$(guest_kernel_package); }
  [[ -n $kernel ]] || fail "guest: apt offers no linux-image-amd64 (run apt-get update; Debian 12 or later is needed)"
  apt-get -q download "$kernel" busybox-static >apt.log 2>&1 ||
    { can_be_root && apt_update >>apt.log 2>&1 && apt-get -q download "$kernel" busybox-static >>apt.log 2>&1; } ||
    { cat apt.log >&2 && return 1; }
  local package
  for package in *.deb; do dpkg -x "$package" .; done
}

guest_kernel_package() {
  apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-/ {print $2; exit}'
}

qemu_initramfs() {
  local release=$1 modules=lib/modules
  [[ -d $modules ]] || modules=usr/lib/modules
  depmod -b "${modules%/lib/modules}" "$release" 2>/dev/null || depmod -b . "$release"
  mkdir -p initramfs/{bin,modules,proc,sys,dev,host,ram,control}
  cp bin/busybox initramfs/bin/ 2>/dev/null || cp usr/bin/busybox initramfs/bin/
  guest_module_files "$release" | copy_modules
  install -m 755 "$FINEMEM_ROOT/scripts/guest/inside/init-qemu" initramfs/init
  (cd initramfs && find . | cpio -o -H newc --quiet) | gzip -1 >initramfs.gz
}

# In load order. A module that this kernel has built in, or no longer has, is left out.
guest_module_files() {
  local module
  for module in "${GUEST_MODULES[@]}"; do
    modprobe -d "$PWD" -S "$1" --show-depends "$module" 2>/dev/null | awk '/^insmod/ {print $2}' || true
  done | awk '!seen[$0]++'
}

copy_modules() {
  local file number=0 target
  while read -r file; do
    number=$((number + 1))
    target=$(printf 'initramfs/modules/%03d-%s' "$number" "$(basename "${file%.[xgz]*}")")
    case $file in
      *.xz) xz -dc "$file" >"$target" ;;
      *.gz) gzip -dc "$file" >"$target" ;;
      *.zst) zstd -qdc "$file" >"$target" ;;
      *) cp "$file" "$target" ;;
    esac
  done
}

# Sets UML_KERNEL, if a user-mode kernel was named or built.
uml_kernel_find() {
  if [[ -n ${FINEMEM_UML_KERNEL:-} ]]; then
    [[ -x $FINEMEM_UML_KERNEL ]] ||
      { ENGINE_PROBLEM="FINEMEM_UML_KERNEL=$FINEMEM_UML_KERNEL is no executable file" && return 1; }
    UML_KERNEL=$FINEMEM_UML_KERNEL
    return
  fi
  local cache hash candidate
  cache=$(guest_cache)
  hash=$(recipe_hash uml/config.fragment uml/rxe-guest.patch uml/build.sh)
  for candidate in "$cache"/uml-*-"$hash"; do
    [[ -x $candidate/linux ]] && UML_KERNEL=$candidate/linux && return
  done
  return 1
}

uml_kernel_build() {
  local cache hash version work
  UML_KERNEL=''
  uml_kernel_find && say "guest: the user-mode kernel is there: $UML_KERNEL" && return
  require_tools 'building user-mode Linux' /usr/src/linux-source-6.1.tar.xz=linux-source-6.1 gcc=build-essential \
    make=build-essential flex=flex bison=bison bc=bc patch=patch xz=xz-utils \
    /usr/include/libelf.h=libelf-dev /usr/include/openssl/ssl.h=libssl-dev
  cache=$(guest_cache)
  hash=$(recipe_hash uml/config.fragment uml/rxe-guest.patch uml/build.sh)
  version=$(dpkg-query -W -f '${Version}' linux-source-6.1)
  exec 9>"$cache/lock"
  flock 9
  uml_kernel_find && exec 9>&- && return
  work=$(mktemp -d "$cache/new.XXXXXX")
  say "guest: building user-mode Linux $version (8 minutes on 2 cores; log: $work/build.log)"
  if ! bash "$FINEMEM_ROOT/scripts/guest/uml/build.sh" "$work" >"$work/build.log" 2>&1; then
    grep -i -m5 'error' "$work/build.log" >&2 || tail -n 5 "$work/build.log" >&2
    mv -f "$work/build.log" "$cache/uml-build-failed.log"
    rm -rf "$work"
    fail "guest: user-mode Linux could not be built; see $cache/uml-build-failed.log"
  fi
  mv -T "$work/image" "$cache/uml-$version-$hash"
  rm -rf "$work"
  exec 9>&-
  uml_kernel_find && say "guest: built $UML_KERNEL"
}
