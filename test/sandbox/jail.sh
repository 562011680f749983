#!/bin/sh
# Enters an unpacked hook environment as GHES's sandbox is believed to do it (facts: nsjail), and runs a hook of it there.
# JAIL_ROOT the environment; JAIL_FILTER none|kill|errno; JAIL_LIMITS none|nsjail|nsjail64; JAIL_PROC, JAIL_READONLY, JAIL_DEV yes|no;
# JAIL_USER root|mapped|stranger. The pushed repository is the current folder, and has the same path inside.
set -eu
repo=$(pwd -P)
if [ "${JAIL_INSIDE:-}" = '' ]; then
  # Namespaces of its own: what is mounted here is gone with the last process, and so are the processes.
  JAIL_INSIDE=yes exec unshare --mount --pid --ipc --uts --fork --kill-child --propagation private "$0" "$@"
fi
mount --bind "$JAIL_ROOT" "$JAIL_ROOT"
mount --bind "$repo" "$JAIL_ROOT$repo"
[ "$JAIL_PROC" = no ] || mount -t proc proc "$JAIL_ROOT/proc"
if [ "$JAIL_DEV" = yes ]; then
  mount -t tmpfs -o mode=755 tmpfs "$JAIL_ROOT/dev"
  for device in null urandom; do
    : >"$JAIL_ROOT/dev/$device"
    mount --bind "/dev/$device" "$JAIL_ROOT/dev/$device"
  done
fi
if [ "$JAIL_READONLY" = yes ]; then
  mount -o remount,bind,ro "$JAIL_ROOT"
  mount -o remount,bind,ro "$JAIL_ROOT$repo"
fi
case $JAIL_FILTER in
  none) filter='' ;;
  *) filter=/test/seccomp-$JAIL_FILTER ;;
esac
case $JAIL_LIMITS in
  none) limits=':' ;;
  nsjail) limits='ulimit -v 4194304; ulimit -n 32; ulimit -f 2048; ulimit -s 8192' ;;
  nsjail64) limits='ulimit -v 4194304; ulimit -n 64; ulimit -f 2048; ulimit -s 8192' ;;
esac
unset CATALOG_GATE_NODE JAIL_INSIDE
export PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/
run="$limits; cd '$repo'; exec $filter \"\$@\""
case $JAIL_USER in
  root) exec chroot "$JAIL_ROOT" /bin/sh -c "$run" jail "$@" ;;
  # As nsjail does it: another number inside, the owner of the repository outside.
  mapped) exec unshare --user --map-user=65534 --map-group=65534 --root="$JAIL_ROOT" /bin/sh -c "$run" jail "$@" ;;
  # Not the owner, inside and outside: git's quarantine is closed to it.
  stranger) exec chroot --userspec=65534:65534 "$JAIL_ROOT" /bin/sh -c "$run" jail "$@" ;;
esac
