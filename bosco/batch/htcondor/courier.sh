# --- hosted_ce: runs on the worker node, around job.sh, where the login node's files cannot be seen.
# HTCondor carried the inputs here, and takes home/ back when the job has ended by itself. What cannot wait for
# that goes through condor_chirp: the claim of the start, new credentials, and the outputs of a job that is
# being removed, for which HTCondor brings back nothing. A node without condor_chirp does without these three.
umask 077
mkdir -p home refresh || exit "$HCE_FAILED"

hce_chirp=$(command -v condor_chirp) || hce_chirp=
for hce_place in "${_CONDOR_BIN:-/usr/bin}/../libexec/condor" "${_CONDOR_LIBEXEC:-}" /usr/libexec/condor; do
    [ -n "$hce_chirp" ] || [ ! -x "$hce_place/condor_chirp" ] || hce_chirp=$hce_place/condor_chirp
done

hce_put() { # mode, file, name at home
    [ -n "$hce_chirp" ] && "$hce_chirp" put -mode "$1" -perm 600 "$2" "$3" >/dev/null 2>&1
}

hce_get() { # name at home, file
    [ -n "$hce_chirp" ] && "$hce_chirp" fetch "$1" "$2" 2>/dev/null
}

hce_claim() { # the start record at home can be made once; without chirp, HTCondor's own count has to do
    printf '%s\n' "time=$(date +%s)" "host=$(uname -n)" "job=$HCE_JOB_ID" >claim || return 0
    hce_put wcx claim start && return 0
    hce_get start claimed && [ -s claimed ] && return 1
    hce_count=$(sed -n "s/^JobRunCount = //p" "${_CONDOR_JOB_AD:-/dev/null}" 2>/dev/null)
    [ "${hce_count:-1}" -le 1 ]
}

hce_refresh() { # pid of the wrapper
    while kill -0 "$1" 2>/dev/null; do
        sleep "$HCE_REFRESH_S"
        for hce_name in $HCE_CREDENTIALS; do
            hce_get "refresh/$hce_name" "new.$hce_name" || continue
            [ -s "new.$hce_name" ] || continue
            cmp -s "new.$hce_name" "taken.$hce_name" && continue
            cp "new.$hce_name" "taken.$hce_name" && mv -f "new.$hce_name" "refresh/$hce_name"
        done
    done
}

hce_deliver() { # exit code
    if [ "$1" = "$HCE_FAILED" ] && [ ! -e start ] && [ -n "$hce_chirp" ]; then
        "$hce_chirp" remove start >/dev/null 2>&1 # the wrapper has taken it back: the pilot has not begun
    fi
    for hce_name in stdout stderr start exit; do # exit last: it says that the others are whole
        [ ! -e "$hce_name" ] || mv -f "$hce_name" home/
    done
    [ -n "$hce_ending" ] || return 0
    for hce_name in stdout stderr start exit; do
        [ ! -e "home/$hce_name" ] || hce_put wct "home/$hce_name" "$hce_name"
    done
}

# shellcheck disable=SC2317
hce_pass() { # signal: called by the traps
    hce_ending=$1
    case $1 in INT | QUIT) hce_ending=TERM ;; esac # a shell's children in the background ignore these two
    echo "$hce_ending" >ending # in its first moment the wrapper still has our traps, and forgets what it gets
    [ -z "$hce_wrapper" ] || kill -s "$hce_ending" "$hce_wrapper" 2>/dev/null
}

hce_ending=
hce_wrapper=
for hce_signal in HUP INT QUIT TERM USR1 USR2; do
    # shellcheck disable=SC2064
    trap "hce_pass $hce_signal" "$hce_signal"
done
hce_claim || exit "$HCE_BEGUN_BEFORE"
hce_before=$hce_ending
sh -c ". ./job.sh; exit $HCE_FAILED" </dev/null & # a script that a crash has cut comes to its end
hce_wrapper=$!
[ "$hce_before" = "$hce_ending" ] || kill -s "$hce_ending" "$hce_wrapper" 2>/dev/null # it came in between
if [ -n "$HCE_CREDENTIALS" ]; then
    hce_refresh "$hce_wrapper" </dev/null >/dev/null 2>&1 &
fi
while :; do # a signal ends `wait` early
    wait "$hce_wrapper"
    hce_code=$?
    kill -0 "$hce_wrapper" 2>/dev/null || break
done
[ ! -s exit ] || hce_code=$(sed -n 's/^code=//p' exit)
hce_deliver "$hce_code"
exit "$hce_code"
