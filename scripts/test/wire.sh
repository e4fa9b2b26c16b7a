# shellcheck shell=bash
# Three soft-RoCE devices, rxe1 to rxe3, that reach each other over a wire inside one kernel: m1 to m3 are their interfaces, w1 to w3
# the other ends, to which faults may be done. Changes the routes of the machine, so only guests may have it; once.

# An end of a veth pair for each machine; the other ends forward to each other. The table "local" comes after the rules that
# send what the machines say to each other out by their own end, so that all of it passes the wire.
wire() {
  local i j
  [[ ${FINEMEM_IN_GUEST:-} && ${FINEMEM_GUEST_ENGINE:-} != host ]] ||
    usage_error 'this changes the routes of its machine: run it in a guest'
  [[ ! -e /sys/class/net/m1 ]] || return 0
  sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.{all,default}.accept_local=1 net.ipv4.conf.{all,default}.rp_filter=0
  ip rule add pref 1000 lookup local
  ip rule del pref 0 lookup local
  for i in 1 2 3; do
    ip link add "m$i" address "02:00:00:00:00:0$i" type veth peer name "w$i" address "02:00:00:00:01:0$i"
    ip address add "10.10.0.$i/32" dev "m$i"
    ip link set "m$i" up
    ip link set "w$i" up
    ip neighbour add "10.10.0.$i" lladdr "02:00:00:00:00:0$i" dev "w$i" nud permanent
    ip route add default dev "m$i" table "10$i"
    ip route add "10.10.0.$i" dev "w$i" table "20$i"
  done
  for i in 1 2 3; do
    for j in 1 2 3; do
      ip rule add pref 200 iif "w$j" to "10.10.0.$i" lookup "20$i"
      ((i == j)) && continue
      ip neighbour add "10.10.0.$j" lladdr "02:00:00:00:01:0$i" dev "m$i" nud permanent
      ip rule add pref 100 iif lo from "10.10.0.$i" to "10.10.0.$j" lookup "10$i"
    done
    rdma link add "rxe$i" type rxe netdev "m$i"
  done
}

# Fails where packets went another way.
wire_used() {
  local i packets
  for i in 1 2 3; do
    packets=$(<"/sys/class/net/w$i/statistics/rx_packets")
    ((packets > 20)) || fail "only $packets packets came over the wire of machine $i: it was not used"
  done
}
