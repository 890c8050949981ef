#!/usr/bin/env bash
# From snowbuild.toml to a prediction in SQL, on the local target. `make demo` runs it.
set -euo pipefail
cd "$(dirname "$0")"

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

show snowbuild lock
if [ -d models/expense ]; then
  printf '\n# models/expense is trained already; remove it to train it again\n'
else
  show snowbuild run -- python train.py
fi
# Describes the model's features for the plan to check, so that nothing is unpickled later.
[ models/expense.snowbuild.json -nt models/expense ] || show snowbuild describe
show snowbuild plan
show snowbuild apply --yes
show snowbuild test
show snowbuild call predict_expense --row '[19, 27.9, 0, 1, "southwest", "female"]'
show env SNOWFLAKE_HOME=.snowbuild/local python query.py

printf '\n# Nothing has changed, so there is nothing to do:\n'
show snowbuild plan --detailed-exitcode

printf '\n# A changed template of one function: one module to upload, one function to replace.\n'
template=templates/expense_array.py.j2
cp -p "$template" .snowbuild/template.before
trap 'cp -p .snowbuild/template.before "$template"' EXIT
show sed -i.bak '$a # Looked at again.' "$template"
rm -f "$template.bak"
show snowbuild plan
