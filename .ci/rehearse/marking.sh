# What both rehearsals do with schools, to be sourced: they begin, mark without pause, and are counted. It needs HOST, `manage` and
# `entries URN`.
URNS="100001 100002 100003"
school() { "$ROOT/.venv/bin/python" "$ROOT/.ci/rehearse/school.py" --folder "$FOLDER" --address "$ADDRESS" "$@"; }
entries_of() {
  echo "SELECT e.id, e.pupils FROM registers_entry e JOIN attendance_mis_school s ON s.id = e.school_id WHERE s.urn = '$1'"
}

# The first school, then a trust of two, by the links that begin_school prints.
schools() {
  school begin --urn 100001 --link "$(manage begin_school | grep ^https)"
  for urn in 100002 100003; do school begin --urn $urn --link "$(manage begin_school --trust "'Heron Trust'" | grep ^https)"; done
  proved_after school_by_school
}
school_by_school() { for urn in $URNS; do school mark --urn "$urn"; done; }

# marking [--forgive] COMMAND...: what it does while four teachers of each school mark without pause, and that nothing is lost by it.
marking() {
  local forgive="" until=$FOLDER/enough pids="" failed=0
  [ "$1" != --forgive ] || { forgive=--forgive; shift; }
  say "while they mark: $*"
  rm -f "$until"
  trap 'touch "$FOLDER/enough"' EXIT   # whatever fails meanwhile, nobody goes on marking
  for urn in $URNS; do school mark --urn "$urn" --until "$until" $forgive & pids+=" $!"; done
  sleep 4
  "$@"
  sleep 4
  touch "$until"
  for pid in $pids; do wait "$pid" || failed=1; done
  proved
  return $failed
}

# Everything that was acknowledged is an entry, and the record of each school is proved whole.
proved_after() { "$@" && proved; }
proved() {
  local urn
  for urn in $URNS; do entries "$urn" | school count --urn "$urn"; done
  manage verify_record
}
