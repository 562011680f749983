#!/bin/sh
# Reports what the hook sandbox allows; registered in testing mode on one repository, it answers what no document does. Always exits 0.
echo "catalog-gate sandbox-probe"
echo "kernel: $(uname -sr 2>&1)"
echo "user: $(id 2>&1); folder: $(pwd); PATH=$PATH; HOME=${HOME:-unset}"
echo "limits: $(ulimit -a 2>&1 | tr '\n' ';')"
for folder in /tmp /dev /proc /etc/catalog-gate; do
  [ -d "$folder" ] && echo "$folder: there$([ -w "$folder" ] && echo ', writable')" || echo "$folder: not there"
done
echo "git: $(git --version 2>&1)"
node=${CATALOG_GATE_NODE:-/opt/catalog-gate/bin/node}
[ -x "$node" ] || node=$(command -v node) || node=''
if [ -n "$node" ]; then
  version=$("$node" -p process.version 2>&1)
  echo "node: $node, status $?, $version"
else
  echo 'node: not found'
fi
exit 0
