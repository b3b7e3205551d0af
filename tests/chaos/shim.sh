#!/bin/sh
# Stands before one of the batch system's commands (its own name says which), and misbehaves when a file tells
# it to: NAME.mode lasts until it is removed, NAME.once serves for one call. What it did is in `fired`.
here=$(dirname "$0")
name=$(basename "$0")
real=/usr/bin/$name
mode=
argument=
if mv "$here/$name.once" "$here/$name.$$" 2>/dev/null; then
    read -r mode argument <"$here/$name.$$"
    rm -f "$here/$name.$$"
elif [ -s "$here/$name.mode" ]; then
    read -r mode argument <"$here/$name.mode"
fi
[ -z "$mode" ] || echo "$name $mode" >>"$here/fired"
case $mode in
"") exec "$real" "$@" ;;
# sbatch
unsure-yet-taken)
    "$real" "$@" >/dev/null
    echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2
    exit 1
    ;;
unsure)
    echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2
    exit 1
    ;;
down-yet-taken)
    "$real" "$@" >/dev/null
    echo "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)" >&2
    exit 1
    ;;
answers-late)
    said=$("$real" "$@")
    sleep "$argument"
    echo "$said"
    ;;
hangs) sleep 600 ;;
taken-and-hangs)
    "$real" "$@" >/dev/null
    sleep 600
    ;;
taken-late) # the request is under way in the controller when the command is ended
    setsid sh -c 'sleep "$0"; shift; exec "$@"' "$argument" - "$real" "$@" </dev/null >/dev/null 2>&1 &
    sleep 600
    ;;
kill-agent-before)
    kill -9 "$PPID"
    exit 1
    ;;
kill-agent-after)
    "$real" "$@" >/dev/null
    kill -9 "$PPID"
    ;;
kill-agent-soon)
    said=$("$real" "$@")
    (
        sleep "$argument"
        kill -9 "$PPID"
    ) >/dev/null 2>&1 &
    echo "$said"
    ;;
chatty)
    echo "sbatch: Slurm temporarily unable to accept job, sleeping and retrying" >&2
    printf 'sbatch: dom\344nen-benutzer\n' >&2
    exec "$real" "$@"
    ;;
# queries
empty) exit 0 ;;
fails)
    echo "$name: error: slurm_load error: Unable to contact slurm controller (connect failure)" >&2
    exit 1
    ;;
cut) "$real" "$@" | head -c "$argument" ;;
odd-rows) "$real" "$@" | sed -n 1~2p ;;
stale)
    [ -e "$here/$name.old" ] || "$real" "$@" >"$here/$name.old"
    cat "$here/$name.old"
    ;;
slow)
    sleep "$argument"
    exec "$real" "$@"
    ;;
*)
    echo "the shim of $name does not know the mode $mode" >&2
    exit 70
    ;;
esac
