# --- hosted_ce: everything below runs on the worker node, around the pilot
@SETTINGS@
hce_mask=$(umask)
umask 077
hce_work=
hce_refresher=
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
export PATH

hce_record() { # name, lines...: written whole or not at all
    hce_name=$1
    shift
    printf '%s\n' "$@" >"$HCE_FOLDER/$hce_name.new" && mv "$HCE_FOLDER/$hce_name.new" "$HCE_FOLDER/$hce_name"
}

hce_size() {
    echo $(($(wc -c <"$HCE_FOLDER/$1"))) # some wc print blanks around the number
}

hce_peak() { # bytes: the most that the job's control group used, where the batch system made one
    while IFS=: read -r hce_number hce_controllers hce_path; do
        case $hce_path/ in */"${HCE_CGROUP:-none}"/*) ;; *) continue ;; esac
        hce_path=${hce_path%%"/$HCE_CGROUP"*}/$HCE_CGROUP
        case $hce_number:,$hce_controllers, in
        0:,,) cat "/sys/fs/cgroup$hce_path/memory.peak" ;;
        *,memory,*) cat "/sys/fs/cgroup/memory$hce_path/memory.max_usage_in_bytes" ;;
        esac
    done </proc/self/cgroup
}

hce_clean() { # a pilot may leave folders in which nothing can be removed
    cd / && rm -rf "$hce_work" 2>/dev/null && return
    chmod -R u+rwX "$hce_work"
    rm -rf "$hce_work"
}

hce_refresh() { # pid of the keeper: while it lives, what comes to refresh/ takes the place of credentials
    trap 'kill -s KILL "$!"; exit' ALRM
    while kill -0 "$1"; do
        sleep "$HCE_REFRESH_S" &
        wait "$!"
        : "$HCE_FOLDER"/refresh/* # a network file system looks again when a folder is listed
        for hce_name in $HCE_CREDENTIALS; do
            hce_taken=$HCE_FOLDER/refresh.$hce_name
            [ ! -f "$HCE_FOLDER/refresh/$hce_name" ] || mv -f "$HCE_FOLDER/refresh/$hce_name" "$hce_taken"
            [ -f "$hce_taken" ] || continue
            cp "$hce_taken" "$hce_work/.$hce_name" && chmod 600 "$hce_work/.$hce_name" &&
                mv -f "$hce_work/.$hce_name" "$hce_work/$hce_name" && rm -f "$hce_taken"
        done
    done
}

hce_finish() { # exit code, error text
    # In this shell, its children's times are in the second line; in braces, since a special built-in would end it.
    { times; } >"$HCE_FOLDER/exit.new"
    [ -z "$hce_refresher" ] || { kill -s ALRM "$hce_refresher" && wait "$hce_refresher"; } 2>/dev/null
    hce_memory=$(hce_peak 2>/dev/null)
    hce_clean
    {
        printf '%s\n' "code=$1" "time=$(date +%s)" "stdout=$(hce_size stdout)" "stderr=$(hce_size stderr)" \
            "memory=$hce_memory" ${2:+"error=$2"} >>"$HCE_FOLDER/exit.new" && mv "$HCE_FOLDER/exit.new" "$HCE_FOLDER/exit"
    } || [ -z "${2:-}" ] || rm -f "$HCE_FOLDER/start" # the pilot has not begun, and this is all that can say so
    exit "$1"
}

hce_fail() {
    echo "hosted_ce: on $(uname -n): $1" >>"$HCE_FOLDER/stderr"
    hce_finish 121 "$1"
}

hce_pass() { # signal: to the pilot, if it has begun
    [ -s "$HCE_FOLDER/pid" ] && kill -s "$1" "$(cat "$HCE_FOLDER/pid")" 2>/dev/null
}

# shellcheck disable=SC2317
hce_forward() { # called by the traps
    [ -s "$HCE_FOLDER/pid" ] || echo "$1" >"$HCE_FOLDER/early"
    hce_pass "$1" # it may have begun just now
}

# A job that the batch system starts again has not ended yet.
rm -f "$HCE_FOLDER/exit" "$HCE_FOLDER/pid" "$HCE_FOLDER/early" "$HCE_FOLDER/prepared"
# Not `: >file`: a shell ends at once when the redirection of a special builtin fails.
if ! { true >"$HCE_FOLDER/stdout" && true >"$HCE_FOLDER/stderr" &&
    hce_record start "time=$(date +%s)" "host=$(uname -n)" "job=$HCE_JOB_ID"; }; then
    hce_fail "cannot write to $HCE_FOLDER" # hence a job without a start record has not begun its pilot
fi

for hce_signal in HUP TERM USR1 USR2; do
    # shellcheck disable=SC2064
    trap "hce_forward $hce_signal" "$hce_signal"
done
trap 'hce_forward TERM' INT QUIT # a shell's children in the background, as the pilot is one, ignore these two
[ -z "$HCE_NOTICE" ] || trap 'hce_forward TERM' "$HCE_NOTICE"
[ ! -s "$HCE_FOLDER/ending" ] || hce_forward "$(cat "$HCE_FOLDER/ending")" # told to a script around this one

if [ -n "$HCE_SCRATCH" ]; then
    hce_work=$(mktemp -d "$HCE_SCRATCH/$HCE_STAMP.XXXXXX") || hce_fail "cannot make a working directory in $HCE_SCRATCH"
else
    hce_work=$HCE_FOLDER/work
    rm -rf "$hce_work"
    mkdir "$hce_work" || hce_fail "cannot make the working directory $hce_work"
fi
cd "$hce_work" || hce_fail "cannot enter the working directory $hce_work"
cp "$HCE_INPUTS"/in/* . || hce_fail "cannot copy the input files from $HCE_INPUTS/in"
if [ -n "$HCE_CREDENTIALS" ]; then
    rm -f "$HCE_FOLDER"/refresh/* "$HCE_FOLDER"/refresh.* # those in credentials/ are as new
    cp "$HCE_INPUTS"/credentials/* . || hce_fail "cannot copy the credentials from $HCE_INPUTS/credentials"
fi
chmod 600 ./* || hce_fail "cannot make the input files private"
chmod 700 @EXECUTABLES@ || hce_fail "cannot make the input files executable"
[ -n "${HOME:-}" ] || HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)
HOME=${HOME:-$hce_work}
export HOME

# Two shells: this one passes signals on. The keeper takes none, waits for the pilot and records its end, since
# bash loses the exit code of a child that ends while a signal interrupts `wait`.
(
    trap '' HUP INT QUIT TERM USR1 USR2
    # shellcheck disable=SC2016
    hce_self=$(exec sh -c 'echo "$PPID"')
    hce_pilot=
    if [ -n "$HCE_PROLOGUE" ]; then # says so in an open file: the folder may be gone when the pilot has ended
        { true >"$HCE_FOLDER/prepared"; } || hce_fail "cannot write to $HCE_FOLDER"
        exec 7>"$HCE_FOLDER/prepared"
    fi
    # The folder may be gone since its start was recorded: the shell's own complaint must not count as the pilot's end.
    { (
        trap - HUP INT QUIT TERM USR1 USR2
        [ -z "$HCE_NOTICE" ] || trap '' "$HCE_NOTICE" # this one is not for the pilot
        # shellcheck disable=SC2016
        hce_record pid "$(exec sh -c 'echo "$PPID"')"
        [ ! -s "$HCE_FOLDER/early" ] || hce_pass "$(cat "$HCE_FOLDER/early")"
        umask "$hce_mask"
        unset HCE_FOLDER HCE_INPUTS HCE_STAMP HCE_SCRATCH HCE_CREDENTIALS HCE_REFRESH_S HCE_JOB_ID HCE_CGROUP HCE_NOTICE HCE_PROLOGUE
        # shellcheck disable=SC2034
        hce_return=$(printf '\r')
@ENVIRONMENT@
@PROLOGUE@
        exec 7>&-
        set -- @COMMAND@
        [ -f "$1" ] || exit 121
        exec "$@"
    ) </dev/null >&8 2>&9 8>&- 9>&- &
        hce_pilot=$!
    } 8>"$HCE_FOLDER/stdout" 9>"$HCE_FOLDER/stderr"
    [ -n "$hce_pilot" ] || hce_fail "cannot write to $HCE_FOLDER"
    if [ -n "$HCE_CREDENTIALS" ]; then
        (hce_refresh "$hce_self") </dev/null >/dev/null 2>&1 &
        hce_refresher=$!
    fi
    wait "$hce_pilot"
    hce_code=$?
    # Neither the file nor our own start record: then its absence proves nothing.
    [ -z "$HCE_PROLOGUE" ] || [ -s /proc/self/fd/7 ] || { [ ! -e /proc/self/fd/7 ] && [ ! -e "$HCE_FOLDER/start" ]; } ||
        hce_fail "prologue: exit code $hce_code before the pilot began; what it printed is in stderr"
    hce_finish "$hce_code"
) &
hce_keeper=$!
while :; do # a signal ends `wait` early
    wait "$hce_keeper"
    hce_code=$?
    kill -0 "$hce_keeper" 2>/dev/null || break
done
if [ -s "$HCE_FOLDER/exit" ]; then
    exit "$(sed -n 's/^code=//p' "$HCE_FOLDER/exit")"
elif [ -s "$HCE_FOLDER/pid" ]; then
    exit "$hce_code" # somebody killed the keeper: the pilot may still run, and its end is not ours to record
else
    hce_finish "$hce_code"
fi
