
hce_tell() { # word: in the job's comment, where the login node looks for it
    scontrol update JobId="$HCE_JOB_ID" Comment="hosted_ce:$1:$(sed -n 's/^time=//p' start):$hce_folder"
}

hce_begun() { # pid of the wrapper: tells as soon as the pilot runs
    while kill -0 "$1" && [ ! -s exit ]; do
        [ ! -s pid ] || { hce_tell run && return; }
        sleep 1
    done
}

hce_deliver() { # waits until somebody has come for the outputs, but not into the end of the walltime
    trap hce_taken=yes USR1
    trap : HUP INT QUIT TERM USR2
    hce_taken=
    hce_now=$(date +%s)
    hce_until=$((hce_now + HCE_PATIENCE_S))
    hce_last=$((hce_began + HCE_WALLTIME_S - 30))
    [ "$hce_last" -ge "$hce_until" ] || hce_until=$hce_last
    if [ -s exit ] && [ "$hce_now" -lt "$hce_until" ] && hce_tell end >/dev/null 2>&1; then
        while [ -z "$hce_taken" ] && [ "$(date +%s)" -lt "$hce_until" ]; do
            sleep 1 &
            wait "$!"
        done
    fi
    cd / && rm -rf "$hce_folder"
}

hce_began=$(date +%s)
