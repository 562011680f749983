/*
 * seccomp-kill: runs a command under a system-call filter that imitates the sandbox of GHES pre-receive hooks.
 *
 *   cc -O2 -o seccomp-kill seccomp-kill.c
 *   ./seccomp-kill node hook.cjs < refs        # 159 = 128 + SIGSYS: a forbidden system call was made
 *
 * x86-64 Linux only. Allowed: every call up to number 331, and the five newer ones of the published list.
 * Everything else kills the process. A stand-in: the real list of an appliance is not public.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef DENIED
#define DENIED SECCOMP_RET_KILL_PROCESS
#endif
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), RETURN(SECCOMP_RET_ALLOW)

int main(int argc, char **argv) {
  struct sock_filter code[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      RETURN(SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
      ALLOW(332), /* statx */
      ALLOW(334), /* rseq */
      ALLOW(435), /* clone3 */
      ALLOW(436), /* close_range */
      ALLOW(439), /* faccessat2 */
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 331, 0, 1),
      RETURN(DENIED),
      RETURN(SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof code / sizeof *code, code};

  if (argc < 2) {
    fprintf(stderr, "usage: %s command [argument ...]\n", argv[0]);
    return 2;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) {
    perror("seccomp");
    return 2;
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
