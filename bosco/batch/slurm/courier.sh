
hce_tell() { # word: in the job's comment, where the login node looks for it
    scontrol update JobId="$HCE_JOB_ID" Comment="hosted_ce:$1:$(sed -n 's/^time=//p' start):$hce_folder"
}

hce_begun() {
    hce_tell run
}

# shellcheck disable=SC2317
hce_runs() { # nobody can come to a job that Slurm is ending, which gets SIGTERM as well
    hce_state=$(squeue --noheader --jobs="$HCE_JOB_ID" --format=%T 2>/dev/null) || return 0
    case $hce_state in '' | RUNNING) ;; *) return 1 ;; esac
}

hce_deliver() { # waits until somebody has come for the outputs, but not into the end of the walltime
    trap hce_taken=yes USR1
    trap 'hce_runs || hce_until=0' HUP INT QUIT TERM USR2
    hce_taken=
    hce_now=$(date +%s)
    hce_until=$((hce_now + HCE_PATIENCE_S))
    hce_last=$((hce_began + HCE_WALLTIME_S - 30))
    [ "$hce_last" -ge "$hce_until" ] || hce_until=$hce_last
    command -v scontrol >/dev/null || hce_until=0 # nobody would come
    [ -z "$hce_ending" ] || hce_runs || hce_until=0
    hce_told=
    hce_sleeper=
    while [ -z "$hce_taken" ] && [ "$(date +%s)" -lt "$hce_until" ]; do
        [ -n "$hce_told" ] || ! hce_tell end >/dev/null 2>&1 || hce_told=yes # the controller may be away
        sleep 1 &
        hce_sleeper=$!
        wait "$hce_sleeper"
    done
    while [ -n "$hce_sleeper" ] && kill -0 "$hce_sleeper" 2>/dev/null; do # it is in the folder that goes now
        wait "$hce_sleeper"
    done
    cd / && rm -rf "$hce_folder"
}

hce_began=$(date +%s)
