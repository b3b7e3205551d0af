# --- hosted_ce: runs on a worker node that does not see the login node's folders, around the pilot's wrapper.
# This script has brought the input files along. What goes home is in $hce_folder, and nothing else is there.
@SETTINGS@
umask 077
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
export PATH
hce_folder=$HCE_PLACE/$HCE_STAMP
hce_box=$hce_folder.box
hce_ending=
hce_wrapper=

hce_refuse() { # the pilot has not begun, and this record, if it gets home, says why
    echo "hosted_ce: on $(uname -n): $1" >&2
    cd "$hce_folder" && rm -rf "$hce_box" && printf '%s\n' "code=$HCE_FAILED" "time=$(date +%s)" \
        "error=on $(uname -n): $1" >exit.new && mv exit.new exit && hce_deliver
    exit "$HCE_FAILED"
}

hce_take() { # name: gzip and base64 on standard input; gzip's checksum tells whether it is whole
    base64 -d | gzip -d >"$hce_box/$1" || hce_refuse "cannot unpack $1 in $hce_box"
}

hce_cut() { # name: of more than can be carried home, the end; the exit record tells how much it was
    [ ! -f "$1" ] || [ "$(wc -c <"$1")" -le "$HCE_MOST" ] || { tail -c "$HCE_MOST" "$1" >"$1.cut" && mv -f "$1.cut" "$1"; }
}

hce_watch() { # pid of the wrapper: once the pilot runs, nobody needs what was brought along
    while kill -0 "$1" && [ ! -s exit ]; do
        [ ! -s pid ] || { rm -rf "$hce_box" && hce_begun && return; }
        sleep 1
    done
}
@DELIVERY@
if ! mkdir "$hce_folder"; then # if it is there, it is not ours
    hce_why="cannot make $hce_folder"
    hce_folder=/tmp/$HCE_STAMP
    hce_box=$hce_folder.box
    mkdir "$hce_folder" || exit "$HCE_FAILED"
    hce_refuse "$hce_why"
fi
trap 'hce_refuse "told to end before the pilot began"' HUP INT QUIT TERM
mkdir "$hce_box" "$hce_box/in" "$hce_box/credentials" || hce_refuse "cannot make $hce_box"
@WRAPPER@
@INPUTS@
cd "$hce_folder" || hce_refuse "cannot enter $hce_folder"
if [ ! -d "${HOME:-/nonexistent}" ]; then # the account has none on this node
    HOME=$hce_folder.home
    export HOME
    mkdir "$HOME" || hce_refuse "cannot make $HOME"
fi
if [ -n "$HCE_CREDENTIALS" ]; then
    mkdir refresh || hce_refuse "cannot make $hce_folder/refresh"
else # those that came, if any, are files like the others
    for hce_name in "$hce_box"/credentials/*; do
        [ ! -f "$hce_name" ] || mv "$hce_name" "$hce_box/in/" || hce_refuse "cannot move $hce_name"
    done
fi

# shellcheck disable=SC2317
hce_pass() { # signal: called by the traps
    hce_ending=$1
    case $1 in INT | QUIT) hce_ending=TERM ;; esac # a shell's children in the background ignore these two
    echo "$hce_ending" >ending # in its first moment the wrapper still has our traps, and forgets what it gets
    [ -z "$hce_wrapper" ] || kill -s "$hce_ending" "$hce_wrapper" 2>/dev/null
}

for hce_signal in HUP INT QUIT TERM USR1 USR2; do
    # shellcheck disable=SC2064
    trap "hce_pass $hce_signal" "$hce_signal"
done
[ -z "$HCE_NOTICE" ] || trap : "$HCE_NOTICE" # the wrapper gets it as well
hce_before=$hce_ending
sh "$hce_box/wrapper" </dev/null &
hce_wrapper=$!
[ "$hce_before" = "$hce_ending" ] || kill -s "$hce_ending" "$hce_wrapper" 2>/dev/null # it came in between
hce_watch "$hce_wrapper" </dev/null >/dev/null 2>&1 &
hce_watcher=$!
while :; do # a signal ends `wait` early
    wait "$hce_wrapper"
    hce_code=$?
    kill -0 "$hce_wrapper" 2>/dev/null || break
done
[ ! -s exit ] || hce_code=$(sed -n 's/^code=//p' exit)
while kill -0 "$hce_watcher" 2>/dev/null; do # what it tells must not come after what is told of the end
    wait "$hce_watcher"
done
rm -rf "$hce_box" "$hce_folder.home" refresh refresh.* pid early ending prepared ./*.new
hce_cut stdout
hce_cut stderr
hce_deliver
exit "$hce_code"
