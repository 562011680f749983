#!/bin/sh
":" /* catalog-gate @VERSION@: a pre-receive hook for Backstage catalog files. One file, valid as sh and as JavaScript.
# This first half is sh, since most pushes touch no catalog file: for them one git call answers, and Node never starts.
# Only a diagnosed error in the pushed catalog files rejects a push. Whatever else happens here ends with status 0 and one line.
# Built by build.mjs from hooks/process/prelude.sh, hooks/*.ts and the site's configuration. (No star may stand before a slash in here.)
# Settings, as hook.yaml has them: @SETTINGS@

set +eu -f # whatever SHELLOPTS of a bash says: a failure would end this with a status of its own. (And a pathname is never expanded in here.)
# Nor do the functions that a bash takes from its environment stand for programs. (Of noexec and onecmd nobody can tell it: GUIDE.md.)
unset -f command git hash printf read sed timeout true ulimit
say() { printf '%s\n' "warning: @NAME@: $1; the push was accepted unchecked"; }
LF='
'
# When this began: both halves share one time limit, also where git is slow. (In 1/100 s.)
started=''
[ -r /proc/uptime ] && read -r started _ </proc/uptime

# What git and Node say of their own troubles is for the one who looks for them. (Without /dev/null it is shown.)
# A file, and nothing else: what cannot be opened ends most shells.
if [ -f "${CATALOG_GATE_STDERR:-}" ] && [ -w "$CATALOG_GATE_STDERR" ]; then exec 2>>"$CATALOG_GATE_STDERR"
elif [ -c /dev/null ] && [ -w /dev/null ]; then exec 2>/dev/null; fi

# Names are bytes, as in git: else bash takes a line end for the rest of a character that a name breaks off in.
LC_ALL=C
# Git is asked for what was pushed, and nothing in the repository may have a say in the answer. Replace refs can be pushed, and show other objects than
# they should (git up to 2.40 lets core.useReplaceRefs overrule the variable). Grafts give commits other parents; the file's name is one that cannot be.
# Nothing is fetched, and how pathspecs are read is not left to chance.
GIT_NO_REPLACE_OBJECTS=1 GIT_GRAFT_FILE=/dev/null/none GIT_NO_LAZY_FETCH=1
export LC_ALL GIT_NO_REPLACE_OBJECTS GIT_GRAFT_FILE GIT_NO_LAZY_FETCH
unset GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS GIT_EXTERNAL_DIFF
git='git -c core.useReplaceRefs=false -c core.quotePath=true -c core.deltaBaseCacheLimit=8m'
diff_tree="$git diff-tree -r --no-renames --raw --full-index"
# What git may take for an answer: a second of work and 64 MB. For all that was changed, 32 MB, 90,000 files: of more, Node asks for YAML.
bound() { ulimit -t 1; ulimit -d ${1:-65536}; }

# The guard against what hangs costs 1.3 ms. Without it the JavaScript half keeps its own time, and git is trusted.
guard=''
hash timeout 2>&- && guard='timeout -s KILL @GUARD_SECONDS@'

# The default branch is what matters most: its record is the first.
head=''
[ -r "${GIT_DIR:-.}/HEAD" ] && read -r _ head <"${GIT_DIR:-.}/HEAD"
case $head in refs/heads/.invalid | '') head=$($guard git symbolic-ref -q HEAD) ;; esac # the former: a repository with reftables

empty_tree() {
  case ${#1} in
    64) echo 6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321 ;;
    *) echo 4b825dc642cb6eb9a060e54bf8d69288fbee4904 ;;
  esac
}

# The pushed refs: branches that were created or moved. Tags, notes, deleted branches are none of ours. A line costs the shell 50 us: after some,
# Node reads the others, and asks git itself.
refs='' created='' count=0 lines=0 more=''
cannot_read() { say 'could not read the pushed refs'; exit 0; }
while [ $lines -lt @LOOP_REFS@ ] && { read -r old new ref rest || [ -n "$old" ]; }; do
  lines=$((lines + 1))
  case $ref in *[[:cntrl:]]) ref=${ref%?} ;; esac # CRLF
  case $ref in refs/heads/?*) ;; *) [ -n "$ref" ] && continue; cannot_read ;; esac
  case ${#old}.${#new} in 40.40 | 64.64) ;; *) cannot_read ;; esac
  case $old$new${rest:+x} in *[!0-9a-f]*) cannot_read ;; esac
  case $new in *[!0]*) ;; *) continue ;; esac
  case $old in *[!0]*) ;; *) created=$((created + 1)) ;; esac
  count=$((count + 1))
  [ ${#ref} -le @REF_BYTES@ ] || more=more # git reads lines of 1,000 bytes, and would take the rest of a longer one for another
  if [ "$ref" = "$head" ]; then refs="$new $old $ref $refs"; else refs="$refs$new $old $ref "; fi
done
[ $lines -lt @LOOP_REFS@ ] || more=more
[ $lines -gt 0 ] || true 3<&0 || cannot_read # it is closed
[ -n "$refs$more" ] || exit 0

# A new branch is first held against the tip of the default branch: that takes no merge base, and what is equal there is not news.
base='' whole='' changes=''
if [ -n "$created" ] && [ -z "$more" ]; then
  # A branch pushed to of late is a file of its own, which costs no git (3 ms); packed ones, and whatever else a repository may keep, are git's to find.
  case $head in refs/heads/?*) [ -r "${GIT_DIR:-.}/$head" ] && read -r base <"${GIT_DIR:-.}/$head" ;; esac
  case $base in '' | *[!0-9a-f]*) base=$($guard $git rev-parse -q --verify 'HEAD^{commit}') ;; esac
  if [ -z "$base" ]; then
    [ $? -ne 137 ] || { say 'git ran past the time limit'; exit 0; }
    # No default branch yet: of this push the default branch, else the first one, is new as a whole; the others are held against it.
    set -- $refs
    while case $2 in *[!0]*) ;; *) false ;; esac; do shift 3; done
    base=$1 zero=$2 whole=$3
  fi
fi

# The ids of changed files: what is new, or was there before a removal. Of very many files Node asks for what matters first.
many_ids() { sed -n '/\.ya*ml"*$/s|^:[0-9]* 100[0-9]* [0-9a-f]* \([0-9a-f]*\) .*|\1|p'; }
# Catalog files in and above the folder of a changed file may quote or name it: COMMIT and FOLDER/, each asked for once. It saves Node a git.
above() {
  while case $looked in *"|$1:$2|"*) false ;; esac; do
    looked="$looked|$1:$2|"
    for name in @NAMES@; do names="$names$1:$2$name $1:$2$name$LF"; done
    case $2 in *[/]*[/]) set -- "$1" "${2%[/]*[/]}/" ;; *) set -- "$1" '' ;; esac
  done
}
# So may others, anywhere in these commits: those in which its name stands, or what may stand for one.
aside() {
  [ ${#wanted} -le @MOST_LETTERS@ ] || wanted='|'@ANY_WAY@
  (bound; exec $guard $git @GREP@ -e @OTHER_WAYS@'|'@BEFORE_NAME@"(${wanted#?})"@BEHIND_NAME@ "$@" $commits -- @ASIDE_PATHS@)
}
# And links that are called like a catalog file: git looks for names in files alone.
links() {
  for commit in $commits; do
    (bound; exec $guard $diff_tree "$(empty_tree "$commit")" "$commit" -- @ASIDE_PATHS@) | sed -n "s|^:000000 120000 .*	|$commit:|p"
  done
}
# Of STATUS ID PATH COMMIT: what catalog files may quote, and what became of it matters to them. (As hooks/push/changes.ts has it.)
want() {
  name=${3##*[/]} name=${name%\"}
  case $name in @NEVER_QUOTED@) return 1 ;; esac
  case $1.$2.$name in
    [DT].* | @EMPTY@) ;;
    @TEXTS@) return 1 ;;
    *.*.*.*) ;;
    *) return 1 ;;
  esac
  case $name in *[!0-9A-Za-z._-]*) name=@ANY_WAY@ ;; esac
  case "$wanted|" in *"|$name|"*) ;; *) [ ${#wanted} -gt @MOST_LETTERS@ ] || wanted="$wanted|$name" ;; esac
  case $commits in *"$4"*) ;; *) commits="$commits $4" ;; esac
}
ids() {
  names='' last='' before='' looked='' wanted='' commits=''
  while read -r old_mode new_mode old new status path; do
    case $old_mode in :*) ;; ref) continue ;; *) commit=$old_mode; continue ;; esac
    name=${path##*[/]}
    folder="$commit:${path%"$name"}"
    case $folder in *[\"\ ]*) folder='' ;; esac # in quotes or with a blank, git would not know it
    case $new_mode$name in @CHANGED_BY_NAME@) ;; *)
      want "$status" "$new" "$path" "$commit" && [ -n "$folder" ] && above "$commit" "${folder#*:}" ;;
    esac
    case $path in @CANDIDATE@) ;; *) continue ;; esac
    case $new_mode in 100*) printf '%s\n' "$new${folder:+ @$folder}" ;; 000000) printf '%s\n' "$old" ;; esac
    # What is found wrong may have been so before.
    case $old_mode$new_mode$created in :100*100???) before="$before$old$LF" ;; esac
    case $folder in '' | "$last") ;; *) names="$names${folder}mkdocs.yml ${folder}mkdocs.yml$LF" last=$folder ;; esac
  done
  # Most entities say "techdocs-ref: dir:.": asked for here, it saves Node a git of its own, 8 ms.
  printf '%s' "$names$before"
  [ -n "$wanted" ] || return
  found=$(aside)
  set -- $?
  found="$found
$(links)"
  case $1.$found in
    [01].*[\"\ ]*) ;; # names that are no words here: Node asks anew
    [01].*) for name in $found; do printf '%s %s\n' "$name" "$name"; done; printf '%s\n' @ASIDE@ ;;
    *) printf '%s\n' @ASIDE@.not ;;
  esac
}
cat_file() { $guard $git -c core.bigFileThreshold=@FILE_BYTES@ cat-file --batch='%(objectname) %(objecttype) %(objectsize) %(rest)'; } # the threshold: larger ones are streamed, never held in memory
# Without a catalog file among them: whether one quotes what was changed. Asked before Node is started for each package.json.
may_be_quoted() {
  wanted='' commits='' compared=0
  IFS=$LF
  for line in $changes; do
    case $line in
      ref\ *) ;;
      :*)
        line=${line#* * * }
        new=${line%% *} line=${line#* }
        want "${line%%	*}" "$new" "${line#*	}" "$commit" ;;
      *) commit=$line compared=$((compared + 1)) ;;
    esac
  done
  unset IFS
  [ $compared -eq $count ] || return 0
  [ -n "$wanted" ] || return 1
  [ -n "$guard" ] || return 0
  aside -q -e @GLOBS@
  [ $? -ne 1 ]
}

# A ref is a record, "ref OLD NEW NAME", and then come the two commits for git to compare. Git repeats a line that begins with no id, so a ref's diff
# stands under its record; and takes the second commit for the only parent of the first.
records() {
  set -- $refs
  while [ $# -gt 0 ]; do
    against=$2
    case $2 in *[!0]*) ;; *) against=$base ;; esac
    [ "$3" = "$whole" ] || printf 'ref %s %s %s\n' "$2" "$1" "$3"
    [ -n "$more" ] || [ "$3" = "$whole" ] || printf '%s %s\n' "$1" "$against"
    shift 3
  done
}
# One moved branch, the usual push, is one comparison of two trees, which needs no guard: the time goes to every push of everybody.
git_guard=$guard
[ $count -gt 1 ] || [ -n "$created" ] || git_guard=''
compare() {
  set -- $refs
  if [ -n "$whole" ]; then
    changes=$(bound 32768; exec $git_guard $diff_tree "$(empty_tree "$base")" "$base" -- @PATHS@) || return
    changes="ref $zero $base $whole$LF$base$LF$changes$LF"
    [ $count -gt 1 ] || return 0
  elif [ $count -eq 1 ]; then
    changes=$(bound 32768; exec $git_guard $diff_tree "${base:-$2}" "$1" -- @PATHS@) || return
    changes="ref $2 $1 $3$LF$1$LF$changes"
    return 0
  fi
  # --always prints a line for every commit that git could read.
  more_changes=$(records | { bound 32768; exec $git_guard $diff_tree --stdin --always -- @PATHS@; }) || return
  changes=$changes$more_changes
}
if [ -z "$more" ]; then
  compare
  case $? in
    0) ;;
    128 | 137 | 152) more=more ;; # too much at once, or a commit that cannot be read: Node asks for less, and has the words
    *) say 'git could not compare the pushed commits'; exit 0 ;;
  esac
  if [ ${#changes} -gt @HANDED_OVER@ ]; then more=more
  elif [ ${#changes} -gt @LOOP_FILES@ ]; then
    fewer=$(printf '%s\n' "$changes" | sed -E @NEVER_QUOTED_LINE@) && changes=$fewer # without a sed they stay as they are
  fi
  case $more$changes$LF in
    more* | @CANDIDATE_LINE@) ;; # something that could be a catalog file
    *) may_be_quoted || exit 0 ;;
  esac
fi
if [ -n "$more" ]; then
  [ -z "$whole" ] || base='' whole=''
  changes=$(records)
  exec 3<&0 # whence Node reads the refs that are left
fi
# The name of what matters most, where its letters are harmless.
about=''
case " $refs" in *" $head "*) case $head in *[!0-9A-Za-z._/-]*) ;; *) about=" ($head)" ;; esac ;; esac

node=${CATALOG_GATE_NODE:-/opt/catalog-gate/bin/node}
if [ ! -x "$node" ]; then
  [ -z "${CATALOG_GATE_NODE:-}" ] || { say "CATALOG_GATE_NODE is not an executable: $CATALOG_GATE_NODE"; exit 0; }
  node=$(command -v node) || { say 'Node is not in this hook environment'; exit 0; }
fi

# What git has used of the time limit is not there for Node.
case $started in
  [1-9]*.[0-9][0-9])
    read -r now _ </proc/uptime
    left=$((@GUARD_HUNDREDTHS@ - (${now%.*}${now#*.} - ${started%.*}${started#*.})))
    [ $left -ge 10 ] || { say "git ran past the time limit$about"; exit 0; }
    guard=${guard:+timeout -s KILL $((left / 100)).$((left / 10 % 10))} ;;
esac

# Contents as they come; files that they quote ("$text: ./openapi.yaml"), twenty of each, are named on the other descriptor: 12 ms less.
quotes() {
  bound
  exec sed '/^.\{200\}/b
/^[0-9a-f]* blob [0-9]* /{
p
s/^.* //
/^@/!s|.*||
s/^@\(.*\)$/\1 /
h
d
}
\|\$[a-z]*["'\'']\{0,1\} *: *["'\'']\{0,1\}\([.][/]\)\{0,1\}\([A-Za-z0-9_][A-Za-z0-9_./-]*\)["'\'' ,}]*\r\{0,1\}$|{
p
s||\n\2|
s/^.*\n//
x
/^$/{
x
d
}
/t\{20\}$/{
x
d
}
s/$/t/
x
G
s/^\(.*\)\n\(.*\) t*$/\2\1 \2\1/
w /dev/stderr
d
}'
}
quoted() {
  names=''
  while read -r name; do names="$names$name$LF"; done
  [ -z "$names" ] || printf '%s' "$names" | cat_file
}
# What the one new branch has changed since its merge base. (Of several, Node asks at once.)
since() {
  set -- $refs
  while case $2 in *[!0]*) ;; *) false ;; esac; do shift 3; done
  printf '%s\n' "since $1"
  [ -z "$whole" ] || { printf '%s\n' unrelated; return; }
  from=$(bound; exec $guard $git merge-base "$base" "$1")
  case $?.$from in
    0."$base") printf '%s\n' tip ;;
    0.*) (bound 32768; exec $guard $diff_tree "$from" "$1" -- @PATHS@) || printf '%s\n' unknown ;;
    1.*) printf '%s\n' unrelated ;;
    *) printf '%s\n' unknown ;;
  esac
}

# Git reads the contents while Node starts. Both are in time or are not waited for: the pipe breaks when Node is done.
# Answers for the kernel what a sandbox may kill Node for asking; it comes with the hook environment (scripts/environment).
preload=/opt/catalog-gate/lib/sandbox-guard.so
[ -e $preload ] || preload=${LD_PRELOAD-}
feed() {
  printf '%s\n' "head $head" "base $base" "$changes"
  if [ -n "$more" ]; then printf '%s\n' more contents; return; fi
  [ "$created" != 1 ] || since
  printf '%s\n' contents
  [ -n "$guard" ] || return # Node then asks git itself, and ends a git that hangs
  [ ${#changes} -le @READ_AHEAD@ ] || return
  if [ ${#changes} -gt @LOOP_FILES@ ]; then printf '%s\n' "$changes" | many_ids | cat_file
  else { printf '%s\n' "$changes" | ids | cat_file | quotes 2>&1 >&5 5>&- | quoted >&5 5>&-; } 5>&1; fi
}
# What the environment wants of any Node may end this one. Of it only the authorities count that a relay may have its certificate from.
options=''
for word in ${NODE_OPTIONS-}; do case $word in @CA_OPTIONS@) options="$options $word" ;; esac; done
feed | LD_PRELOAD=$preload NODE_OPTIONS=$options NODE_USE_ENV_PROXY=0@AUTHORITIES@ $guard "$node" @NODE_FLAGS@ -e @LOADER@ -- "$0" "$started" "${guard:+guarded}"
status=$?
case $status in
  0) exit 0 ;;
  @REJECT@) exit 1 ;; # not 1: that is how Node ends after an error that nothing caught
  137) why="ran past its time limit or was killed$about" ;;
  159) why='was stopped by the sandbox (a system call is not allowed: see sandbox-probe)' ;;
  126 | 127) why="cannot start Node ($node)" ;;
  *) why="ended with status $status" ;;
esac
say "the check $why"
exit 0
: <<'//end' # what follows is JavaScript, and text for sh
*/
