#!/bin/sh
# Enters a root file system as GHES's sandbox is believed to do it (facts: nsjail), and runs a hook there: for `catalog-gate try` and the tests.
# JAIL_ROOT the unpacked environment, or / ; JAIL_FILTER none|kill|errno, its program inside is $JAIL_FILTERS/seccomp-$JAIL_FILTER;
# JAIL_LIMITS none|nsjail|nsjail64; JAIL_PROC, JAIL_READONLY, JAIL_DEV yes|no; JAIL_USER root|mapped|stranger; JAIL_BINDS folders to be seen
# inside, read-only, one a line. The pushed repository is the current folder. All have the same path inside.
set -eu
PATH=$PATH:/usr/sbin:/sbin # chroot, mount: not on everybody's PATH
repo=$(pwd -P)
if [ "${JAIL_INSIDE:-}" = '' ]; then
  # Namespaces of its own: what is mounted here is gone with the last process, and so are the processes.
  as_root=''
  [ "$(id -u)" -eq 0 ] || as_root=--map-root-user
  JAIL_INSIDE=yes exec unshare $as_root --mount --pid --ipc --uts --fork --kill-child --propagation private "$0" "$@"
fi
if [ "$JAIL_ROOT" = / ]; then
  mount -t proc proc /proc || : # not allowed without root where something is mounted below it; the old one shows other processes, no more
else
  mount --bind "$JAIL_ROOT" "$JAIL_ROOT"
  mount --bind "$repo" "$JAIL_ROOT$repo"
  printf '%s\n' "${JAIL_BINDS:-}" | while read -r folder; do
    [ -n "$folder" ] || continue
    mount --bind "$folder" "$JAIL_ROOT$folder"
    mount -o remount,bind,ro "$JAIL_ROOT$folder"
  done
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
  unset CATALOG_GATE_NODE
  export PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/
fi
case $JAIL_FILTER in
  none) filter='' ;;
  *) filter="'${JAIL_FILTERS:-/test}/seccomp-$JAIL_FILTER'" ;;
esac
case $JAIL_LIMITS in
  none) limits=':' ;;
  nsjail) limits='ulimit -v 4194304; ulimit -n 32; ulimit -f 2048; ulimit -s 8192' ;;
  nsjail64) limits='ulimit -v 4194304; ulimit -n 64; ulimit -f 2048; ulimit -s 8192' ;;
esac
unset JAIL_INSIDE
run="$limits; cd '$repo'; exec $filter \"\$@\""
case $JAIL_USER in
  root) exec chroot "$JAIL_ROOT" /bin/sh -c "$run" jail "$@" ;;
  # As nsjail does it: another number inside, the owner of the repository outside.
  mapped) exec unshare --user --map-user=65534 --map-group=65534 --root="$JAIL_ROOT" /bin/sh -c "$run" jail "$@" ;;
  # Not the owner, inside and outside: git's quarantine is closed to it.
  stranger) exec chroot --userspec=65534:65534 "$JAIL_ROOT" /bin/sh -c "$run" jail "$@" ;;
esac
