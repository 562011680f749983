/*
 * Answers the system calls that Node makes at start and that a hook sandbox may kill a process for with ENOSYS, before the
 * kernel sees them. Preloaded (LD_PRELOAD) into Node only.
 *
 * Why: GHES runs hooks under a seccomp allow-list. Node 22 and later (libuv 1.50) call io_uring_setup at every start, whatever
 * UV_USE_IO_URING says; under a filter whose default is to kill, that is the end of it: "Bad system call", status 159. libuv
 * and V8 both do without these calls when they are told that the kernel has none. (Measured with Node 22.23, 24.21 and 26.10.)
 *
 * How: libuv reaches io_uring and pidfd through glibc's syscall(), V8 reaches memory protection keys through pkey_alloc().
 * Overriding those two functions is enough as long as Node is linked dynamically to glibc, which the official builds are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>

enum {
  PKEY_ALLOC = 330,
  PIDFD_SEND_SIGNAL = 424,
  IO_URING_SETUP = 425,
  IO_URING_ENTER = 426,
  IO_URING_REGISTER = 427,
  PIDFD_OPEN = 434,
  PIDFD_GETFD = 438,
};

static long refused(void) {
  errno = ENOSYS;
  return -1;
}

long syscall(long number, ...) {
  static long (*real)(long, ...);
  long a[6];
  va_list list;

  switch (number) {
    case PKEY_ALLOC:
    case PIDFD_SEND_SIGNAL:
    case IO_URING_SETUP:
    case IO_URING_ENTER:
    case IO_URING_REGISTER:
    case PIDFD_OPEN:
    case PIDFD_GETFD:
      return refused();
  }
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "syscall");
  if (!real) return refused();
  /* A system call has at most six arguments; reading more than were given is harmless on x86-64 and arm64. */
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int pkey_alloc(unsigned int flags, unsigned int rights) {
  (void)flags;
  (void)rights;
  return (int)refused();
}
