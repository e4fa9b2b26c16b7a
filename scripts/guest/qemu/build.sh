#!/usr/bin/env bash
# Makes WORKDIR/image: Debian's kernel (vmlinuz) and an initramfs with the modules that a guest needs. The packages are
# unpacked here, never installed. usage: build.sh WORKDIR
set -euo pipefail

here=$(cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=scripts/lib/common.sh
source "$here/../../lib/common.sh"

# crc32_generic: without it adding an rxe device fails with "No such file or directory".
MODULES=(virtio_pci 9pnet_virtio 9p overlay veth dummy sch_netem crc32_generic crc32_pclmul crc32c_generic
  rdma_rxe ib_uverbs rdma_ucm)
REQUIRED=(9pnet_virtio 9p overlay dummy rdma_rxe ib_uverbs rdma_ucm)

kernel_package() { apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image-/ {print $2; exit}'; }

update_lists() { can_be_root && apt_update >>apt.log 2>&1; }

fetch() {
  local kernel package
  kernel=$(kernel_package)
  if [[ -z $kernel ]]; then
    update_lists || true
    kernel=$(kernel_package)
  fi
  [[ -n $kernel ]] || fail 'guest: apt offers no linux-image-amd64: Debian 12 or later is needed (apt-get update)'
  if ! download "$kernel"; then
    update_lists || true
    kernel=$(kernel_package)
    download "$kernel" || { tail -n 5 apt.log >&2 && fail "guest: cannot download $kernel"; }
  fi
  for package in *.deb; do dpkg -x "$package" unpacked; done
  rm -- *.deb
}

download() { apt-get -q download "$1" busybox-static >>apt.log 2>&1; }

# In load order. A module that this kernel has built in, or no longer has, is left out.
module_files() {
  local module
  for module in "${MODULES[@]}"; do
    modprobe -d "$PWD/unpacked" -S "$1" --show-depends "$module" 2>/dev/null | awk '/^insmod/ {print $2}' || true
  done | awk '!seen[$0]++'
}

copy_modules() {
  local file target number=0
  while read -r file; do
    number=$((number + 1))
    target=$(printf 'initramfs/modules/%03d-%s' "$number" "$(basename "$file" | sed 's/\.ko.*/.ko/')")
    case $file in
      *.xz) xz -dc "$file" >"$target" ;;
      *.zst) zstd -qdc "$file" >"$target" ;;
      *) cp "$file" "$target" ;;
    esac
  done
}

check_modules() {
  local module
  for module in "${REQUIRED[@]}"; do
    compgen -G "initramfs/modules/*-$module.ko" >/dev/null ||
      grep -q "/$module\.ko$" "unpacked/lib/modules/$1/modules.builtin" ||
      fail "guest: the kernel $1 has no module $module"
  done
}

cd -- "$1"
fetch
# Where /usr is merged, packages have their modules below usr/lib.
[[ -d unpacked/lib/modules ]] || { mkdir -p unpacked/lib && ln -s ../usr/lib/modules unpacked/lib/modules; }
release=$(basename unpacked/boot/vmlinuz-* | sed 's/^vmlinuz-//')
depmod -b unpacked "$release"
mkdir -p image initramfs/{bin,modules,proc,sys,dev,host,ram,control}
cp unpacked/{,usr/}bin/busybox initramfs/bin/ 2>/dev/null || [[ -x initramfs/bin/busybox ]]
module_files "$release" | copy_modules
check_modules "$release"
install -m 755 "$here/init" initramfs/init
(cd initramfs && find . | cpio -o -H newc --quiet) | gzip -1 >image/initramfs.gz
mv "unpacked/boot/vmlinuz-$release" image/vmlinuz
echo "$release" >image/version
