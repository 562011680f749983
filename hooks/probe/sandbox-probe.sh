#!/bin/sh
# catalog-gate @VERSION@ sandbox-probe: a pre-receive hook that only reports what the sandbox allows, to be pasted into an issue.
# It changes nothing, reads nothing of the push, shows no value that could be a secret, and ends with status 0 within 2 s, whatever hangs.
# Built by build.mjs from hooks/probe/sandbox-probe.sh, hooks/probe/probe.ts and the site's configuration. Whatever is missing is a finding, not an error.

trap 'exit 0' EXIT
locale=${LC_ALL+LC_ALL}
LC_ALL=C
export LC_ALL
LF='
'
relay='@RELAY@'
relay_files='@RELAY_FILES@'
guard=${CATALOG_GATE_GUARD:-/opt/catalog-gate/lib/sandbox-guard.so}
# What a program gets as its input: where there is no /dev/null, this file, which nobody reads.
nothing=/dev/null
[ -r "$nothing" ] || nothing=$0

has() { [ -n "$(command -v "$1")" ]; }

# A label and its text, in lines of 72 columns, ASCII.
row() {
  text=$2
  while :; do case $text in *[!\ -~]*) rest=${text#*[!\ -~]} text="${text%%[!\ -~]*} $rest" ;; *) break ;; esac; done
  column=11 line=$1
  while [ ${#line} -lt 10 ]; do line="$line "; done
  set -f
  for word in $text; do
    while [ ${#word} -gt 60 ]; do
      rest=${word#????????????????????????????????????????????????????????????}
      printf '%s\n' "$line ${word%"$rest"}"
      line='          ' column=11 word=$rest
    done
    if [ $((column + ${#word})) -gt 71 ]; then printf '%s\n' "$line"; line='          ' column=11; fi
    line="$line $word" column=$((column + ${#word} + 1))
  done
  set +f
  printf '%s\n' "$line"
}

# Milliseconds of some clock, into $ms; empty where there is none. (GNU date: to the millisecond; the kernel's uptime: to ten.)
clock() {
  ms=''
  if [ -n "$fine_clock" ]; then
    ms=$(date +%s%N) ms=${ms%??????}
    case $ms in '' | *[!0-9]*) ms='' ;; *) ms=${ms#????} ;; esac
  fi
  if [ -z "$ms" ] && [ -r /proc/uptime ]; then
    read -r ms _ </proc/uptime
    ms=${ms%.*}${ms#*.}0
  fi
  while :; do case $ms in 0?*) ms=${ms#0} ;; *) break ;; esac; done
}

# Waits so many tenths of a second, also where there is no sleep, no clock, nothing: then by counting, which is coarse.
nap() {
  trap 'kill -KILL $sleeping; exit 143' TERM
  if has sleep; then
    sleep "$(($1 / 10)).$(($1 % 10))" >&- &
    sleeping=$!
    wait $sleeping && return
  fi
  if [ -r /proc/uptime ]; then
    read -r up _ </proc/uptime
    end=$((${up%.*}${up#*.} + $1 * 10))
    while [ "${up%.*}${up#*.}" -lt $end ]; do read -r up _ </proc/uptime; done
  else
    turns=$(($1 * 60000))
    while [ $turns -gt 0 ]; do turns=$((turns - 1)); done
  fi
}

# bounded TENTHS COMMAND...: its first lines into $said, its end into $status (137: killed when the time was over), its time into $took.
# What it leaves behind may keep its own end of the pipe open: the line with the status ends the reading, not the end of the file.
bounded() {
  tenths=$(($1 * @PATIENCE@))
  shift
  clock
  before=$ms
  if [ -n "$ms" ] && [ -n "$started" ]; then
    left=$(((@WHOLE_TENTHS@ * 100 - 50 - ms + started) / 100))
    [ $left -ge $tenths ] || tenths=$left
    [ $left -ge 1 ] || { said='' status=untried took=''; return; }
  fi
  said=$(
    {
      if [ -n "$timeout" ]; then
        timeout -s KILL $((tenths / 10)).$((tenths % 10)) "$@" 2>&1 <"$nothing"
        printf '\n@@%s\n' $?
      else
        "$@" 2>&1 <"$nothing" &
        job=$!
        (nap $tenths; kill -KILL $job) >&- &
        watch=$!
        wait $job
        status=$?
        kill -TERM $watch
        printf '\n@@%s\n' $status
      fi
    } 2>&- | {
      lines=0
      while IFS= read -r said || [ -n "$said" ]; do
        case $said in @@*) printf '%s' "$said"; break ;; esac
        lines=$((lines + 1))
        [ $lines -gt 20 ] || printf '%s\n' "$said"
      done
    }
  )
  status=${said##*@@} said=${said%@@*}
  while :; do case $said in "$LF"*) said=${said#"$LF"} ;; *"$LF") said=${said%"$LF"} ;; *) break ;; esac; done
  clock
  took=''
  [ -z "$ms" ] || [ -z "$before" ] || took=", $((ms - before)) ms"
}

# How a program that did not end with 0 ended.
why() {
  case $status in
    126 | 127) said='cannot be started' ;;
    137) said="killed: it had not ended after $((tenths / 10)).$((tenths % 10)) s" ;;
    159) said='killed by the sandbox: a system call is not allowed (159)' ;;
    untried) said='not tried: no time left' ;;
    *) said="ended with status $status: ${said%%"$LF"*}" ;;
  esac
}

# The first line that a program prints, or why there is none.
show() {
  label=$1
  shift
  if has "$2"; then
    bounded "$@"
    if [ "$status" = 0 ]; then row "$label" "${said%%"$LF"*}$took"; else why; row "$label" "$said"; fi
  else
    row "$label" "$2 is not there"
  fi
}

mib() { case $1 in *[!0-9]*) size=$1 ;; *) size="$(($1 / 1048576)) MiB" ;; esac; }

limits() {
  if [ -r /proc/self/limits ]; then
    text=''
    while read -r line; do
      set -f
      set -- $line
      case $line in
        'Max address space'*) mib "$4"; text="$text, address space $size" ;;
        'Max cpu time'*) text="$text, CPU $4 s" ;;
        'Max data size'*) mib "$4"; text="$text, data $size" ;;
        'Max file size'*) mib "$4"; text="$text, file size $size" ;;
        'Max open files'*) text="$text, open files $4" ;;
        'Max processes'*) text="$text, processes $3" ;;
        'Max stack size'*) mib "$4"; text="$text, stack $size" ;;
      esac
      set +f
    done </proc/self/limits
    row limits "${text#, }"
  else
    row limits "address space $(ulimit -v) KiB, CPU $(ulimit -t) s, data $(ulimit -d) KiB, file size $(ulimit -f) blocks, open files $(ulimit -n), stack $(ulimit -s) KiB"
  fi
}

cgroup() {
  text='' path=''
  [ ! -r /proc/self/cgroup ] || while IFS=: read -r _ kind line; do [ -n "$kind" ] || path=$line; done </proc/self/cgroup
  for setting in memory.max pids.max cpu.max; do
    for file in "/sys/fs/cgroup$path/$setting" "/sys/fs/cgroup/$setting"; do
      [ -r "$file" ] || continue
      read -r line <"$file"
      [ $setting != memory.max ] || { mib "$line"; line=$size; }
      text="$text, $setting $line"
      break
    done
  done
  row cgroup "$([ -n "$text" ] && printf '%s' "${text#, }" || echo 'no limit to be seen')"
}

security() {
  [ -r /proc/self/status ] || { row seccomp 'unknown: no /proc'; return; }
  mode='' text=''
  while read -r line value; do
    case $line in
      Seccomp:) case $value in 0) mode='0 (none)' ;; 2) mode='2 (filter)' ;; *) mode=$value ;; esac ;;
      NoNewPrivs:) text="$text, no new privileges $value" ;;
      CapEff:) text="$text, capabilities $value" ;;
    esac
  done </proc/self/status
  row seccomp "mode ${mode:-unknown}$text"
}

mounts() {
  [ -r /proc/self/mounts ] || { row mounts 'unknown: no /proc'; return; }
  text='' others=0
  while read -r _ path kind options _; do
    case $(pwd)/ in "$path"/*) of_ours=yes ;; *) of_ours='' ;; esac
    case $path in
      / | /dev | /dev/shm | /proc | /sys | /tmp) ;;
      *) [ -n "$of_ours" ] || { others=$((others + 1)); continue; } ;;
    esac
    case $options in ro | ro,*) kind="$kind read-only" ;; esac
    text="$text; $path $kind"
  done </proc/self/mounts
  [ $others = 0 ] || text="$text; $others others"
  row mounts "${text#; }"
}

# A file is made and removed again; never one that is there, nor through a link (noclobber).
try_to_write() {
  if has rm; then
    (set -C; : >"$1/.catalog-gate-probe.$$") && rm -f "$1/.catalog-gate-probe.$$"
  else
    [ -w "$1" ]
  fi
}

writable() {
  text=''
  for folder in / /tmp . /dev/shm "${HOME:-/}"; do
    [ "$folder" = / ] && [ -n "$text" ] && continue
    if [ ! -d "$folder" ]; then text="$text; $folder not there"; continue; fi
    without_timeout 2 try_to_write "$folder"
    case $status in 0) answer=yes ;; 137 | untried) answer='no answer' ;; *) answer=no ;; esac
    text="$text; $folder $answer"
  done
  has rm || text="$text (by their modes: there is no rm)"
  row writable "${text#; }"
}

# For a function of ours, which timeout(1) cannot start.
without_timeout() {
  kept=$timeout timeout=''
  bounded "$@"
  timeout=$kept
}

there() {
  text=''
  for path in "$@"; do
    if [ -d "$path" ]; then text="$text; $path yes"
    elif [ -r "$path" ]; then text="$text; $path yes"
    elif [ -e "$path" ]; then text="$text; $path not readable"
    else text="$text; $path no"; fi
  done
  row there "${text#; }"
}

# Names of variables only; values where they say nothing of who pushed what.
variables() {
  text=''
  names=$(export -p | while read -r _ line rest; do
    case $line in -x) line=$rest ;; esac
    case $line in [A-Za-z_]*=*) printf '%s\n' "${line%%=*}" ;; esac
  done)
  for name in $names; do
    case $name in *[!A-Za-z0-9_]*) continue ;; LC_ALL) [ -n "$locale" ] || continue ;; esac
    case $name in
      GITHUB_REPO_PUBLIC | GITHUB_VIA | GIT_PUSH_OPTION_COUNT | HOME | LANG | TZ) eval "text=\"\$text $name=\$$name\"" ;;
      GIT_DIR) text="$text GIT_DIR$([ "$GIT_DIR" -ef . ] 2>&- && echo ' (this folder)')" ;;
      *) text="$text $name" ;;
    esac
  done
  row variables "$text"
  [ -z "${GIT_QUARANTINE_PATH:-}" ] || { [ -r "$GIT_QUARANTINE_PATH" ] && text=readable || text='not readable: git cannot see what was pushed'; row quarantine "$text"; }
}

node_rows() {
  node=${CATALOG_GATE_NODE:-/opt/catalog-gate/bin/node}
  [ -x "$node" ] || node=$(command -v node) || node=''
  [ -n "$node" ] || { row node 'not there'; return; }
  row node "$node"
  # Reads the JavaScript half of this file, below.
  load='const s=require("fs").readFileSync(process.argv[1],"latin1");require("vm").runInThisContext(s.slice(s.lastIndexOf("\n//javascript\n")))'
  bounded 5 "$node" -p process.version
  if [ "$status" = 0 ]; then row ' plain' "starts: $said$took"; plain=yes; else why; row ' plain' "$said"; plain=''; fi
  if [ -r "$guard" ]; then
    LD_PRELOAD=$guard
    export LD_PRELOAD
    bounded 4 "$node" -p process.version
    if [ "$status" = 0 ]; then row ' guarded' "starts: $said$took"; plain=yes; else why; row ' guarded' "$said"; unset LD_PRELOAD; fi
  else
    row ' guarded' "no guard ($guard)"
  fi
  if [ -n "$plain" ]; then
    bounded 6 "$node" -e "$load" -- "$0"
    [ "$status" = 0 ] || { why; said=" details=$said"; }
    IFS=$LF
    set -f
    for found in $said; do
      unset IFS
      case $found in ?*=*) row "${found%%=*}" "${found#*=}" ;; esac
    done
    unset IFS
    set +f
  fi
  unset LD_PRELOAD
}

probe() {
  fine_clock=''
  if has date; then case $(date +%s%N) in *[!0-9]* | '') ;; *) fine_clock=yes ;; esac; fi
  clock
  started=$ms
  # Asked of a real program, since a timeout without fractions or without -s would end every step at once.
  timeout=''
  if has timeout && has uname && [ "$(timeout -s KILL @TRY_SECONDS@ uname)" = "$(uname)" ]; then timeout=yes; fi
  printf '%s\n' 'catalog-gate sandbox-probe @VERSION@'
  show kernel 2 uname -srm
  row process "pid $$, shell $([ -n "${BASH_VERSION:-}" ] && printf '%s' "bash $BASH_VERSION" || echo 'is not bash')"
  show user 2 id
  row folder "$(pwd)"
  row PATH "${PATH:-empty}"
  limits
  cgroup
  security
  mounts
  writable
  there /proc/self /dev/null /dev/urandom /etc/resolv.conf /etc/catalog-gate $relay_files
  variables
  show git 3 git --version
  ! has git || [ "$status" != 0 ] || show ' HEAD' 3 git symbolic-ref HEAD
  node_rows
  if [ -z "$relay" ]; then row relay 'none is configured in this build'; elif [ -z "${plain:-}" ]; then row relay "$relay, not asked: Node does not start"; fi
  clock
  [ -z "$ms" ] || [ -z "$started" ] || row took "$((ms - started)) ms$([ -n "$timeout" ] || printf '%s' ', without timeout(1)')"
}

# Git and Node say their complaints where they are asked; the shell's own have no place in the report.
if [ -w /dev/null ]; then exec 2>/dev/null; else exec 2>&-; fi

if [ -r /dev/null ]; then
  # The one that is waited for is the clock: also what cannot be killed does not hold us.
  tenths=@WHOLE_TENTHS@
  nap $tenths &
  watch=$!
  { probe; kill -TERM $watch; } &
  job=$!
  if wait $watch; then
    kill -KILL $job
    row stopped "after $((tenths / 10)).$((tenths % 10)) s: something above hangs"
  fi
else
  probe # without /dev/null some shells start nothing in the background
fi
exit 0
: <<'//end' # what follows is JavaScript, and text for sh
//javascript
