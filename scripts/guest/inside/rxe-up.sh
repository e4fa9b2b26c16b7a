#!/bin/bash
# One soft-RoCE device, rxe0, on a dummy interface: in a guest, or on a host whose kernel has rdma_rxe.
# usage: rxe-up.sh [NAME [ADDRESS]]
set -e
name=${1:-rxe0} address=${2:-10.9.0.1}
link=roce-$name
ip link set lo up
# 4200: RoCE's active_mtu becomes 4096, a 4 KB block travels in one packet.
ip link add "$link" mtu 4200 type dummy
# Without duplicate address detection the link-local GID is there at once.
echo 0 >"/proc/sys/net/ipv6/conf/$link/accept_dad" 2>/dev/null || true
ip addr add "$address/24" dev "$link"
ip link set "$link" up
rdma link add "$name" type rxe netdev "$link"

# The kernel fills the GID table in the background: index 1 is the routable (IPv4-mapped) one.
port=/sys/class/infiniband/$name/ports/1
for _ in {1..100}; do
  if [[ $(<"$port/state") == *ACTIVE ]] && grep -qs ffff "$port"/gids/[0-3]; then exit 0; fi
  sleep 0.05
done
echo "$name: no routable GID within 5 s" >&2
exit 1
