# A machine with systemd as its first process, to be sourced: a disk image of its own, booted by systemd-nspawn, with a network of
# its own. Sources, certificates and pip's settings are the host's, so that it reaches what the host reaches. As root.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
FOLDER=${REHEARSAL:-/var/tmp/rehearsal}/$NAME   # some gigabytes
ADDRESS=10.77.$NET.2

say() { printf '\n== %s  %s\n' "$(date +%T)" "$*"; }

# A network namespace, from which the host leads on.
make_network() {
  ! ip netns list | grep -qw "rehearse-$NET" || return 0
  ip netns add "rehearse-$NET"
  ip link add "rehearse-$NET" type veth peer name host0 netns "rehearse-$NET"
  ip addr add "10.77.$NET.1/24" dev "rehearse-$NET"
  ip link set "rehearse-$NET" up
  ip -n "rehearse-$NET" addr add "$ADDRESS/24" dev host0
  ip -n "rehearse-$NET" link set lo up
  ip -n "rehearse-$NET" link set host0 up mtu 1400
  ip -n "rehearse-$NET" route add default via "10.77.$NET.1"
  sysctl -q net.ipv4.ip_forward=1
  iptables -t nat -A POSTROUTING -s "10.77.$NET.0/24" -j MASQUERADE
}

# make_root SUITE FOLDER PACKAGES: Debian as debootstrap leaves it, with the host's mirror and certificates.
make_root() {
  local suite=$1 root=$2 sources=/etc/apt/sources.list.d/debian.sources
  [ -d "$root" ] && return
  mkdir -p "$FOLDER"
  debootstrap ${4:-} --include="ca-certificates${3:+,$3}" "$suite" "$root.new" "$(sed -n 's/^URIs: *//p' $sources | head -1)" >"$FOLDER/debootstrap.log"
  sed "s/bookworm/$suite/g" $sources >"$root.new/etc/apt/sources.list.d/debian.sources"
  : >"$root.new/etc/apt/sources.list"
  cp /usr/local/share/ca-certificates/*.crt "$root.new/usr/local/share/ca-certificates/" 2>/dev/null || true
  chroot "$root.new" update-ca-certificates >/dev/null 2>&1
  [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root.new/etc/"
  mv "$root.new" "$root"
}

make_machine() {
  make_root "$1" "$FOLDER/root" systemd-sysv,dbus,openssh-server
  local root=$FOLDER/root
  cp /etc/resolv.conf "$root/etc/"
  echo "$NAME" >"$root/etc/hostname"
  printf '127.0.0.1 localhost %s\n' "$NAME" >"$root/etc/hosts"
  [ -f "$FOLDER/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$FOLDER/key"
  install -D -m 600 "$FOLDER/key.pub" "$root/root/.ssh/authorized_keys"
  truncate --size="${DISK:-8G}" "$FOLDER/disk.new"
  mkfs.ext4 -q -F -d "$root" "$FOLDER/disk.new"
  mv "$FOLDER/disk.new" "$FOLDER/disk"
}

# Until it is powered off; one that reboots ends with 133.
start_machine() {
  make_network
  mkdir -p "$FOLDER/mnt"
  mount -o loop "$FOLDER/disk" "$FOLDER/mnt"
  ( set +e
    while :; do
      SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --directory="$FOLDER/mnt" --boot --register=no --keep-unit \
        --network-namespace-path="/run/netns/rehearse-$NET" --console=pipe
      [ $? = 133 ] || break
    done ) </dev/null >>"$FOLDER/console.log" 2>&1 &
  until_up
}

until_up() { timeout 120 bash -c "until $(declare -p FOLDER ADDRESS | tr '\n' ';') $(declare -f within); within true 2>/dev/null; do sleep 0.5; done"; }

# Commands of its root; what it says is said here.
within() {
  ssh -q -i "$FOLDER/key" -o ConnectTimeout=5 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "root@$ADDRESS" "$@"
}

first_process() { pgrep -f "nspawn .*$FOLDER/mnt" | xargs -r -n 1 pgrep -x systemd -P; }

# As when the plug is drawn: the file system takes nothing from now on, not even its own journal (EXT4_IOC_SHUTDOWN), then every
# process is killed. What nobody had flushed to the disk is gone.
cut_power() {
  python3 -c 'import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))' "$FOLDER/mnt"
  kill -9 "$(first_process)"
  unmounted
}

stop_machine() { within poweroff || true; unmounted; }

unmounted() { while pgrep -f "systemd-nspawn .*$FOLDER/mnt" >/dev/null || ! umount "$FOLDER/mnt" 2>/dev/null; do sleep 0.3; done; }

# unpack_release NAME: what git holds, as a technician unpacks it.
unpack_release() {
  within "mkdir -p /srv/attendance/releases/$1"
  git -C "$ROOT" archive HEAD | within "tar -x -C /srv/attendance/releases/$1"
}
