# hosted_ce: runs at the login node, in the spool, after a listing, where nodes do not see the spool. Slurm's own
# srun carries: start records and outputs home, new credentials to the pilots. $1: the account; $2: seconds
# after which nothing more is begun. Whatever fails is tried again after the next listing.
umask 077
hce_until=$(($(date +%s) + $2))

hce_on_node() { # job, command...: a step beside the pilot
    hce_job=$1
    shift
    timeout 30 srun --jobid="$hce_job" --job-name=hosted_ce_files --overlap --nodes=1 --ntasks=1 --mem=0 \
        --cpu-bind=none --mpi=none --chdir=/ --quiet "$@"
}

hce_first_line() { # of what a command said
    sed -n '/[^ ]/{p;q;}'
}

hce_start() { # job, stamp, node, seconds since the epoch
    printf '%s\n' "time=$4" "host=$3" "job=$1" >"pilots/$2/start.new" && mv -f "pilots/$2/start.new" "pilots/$2/start"
}

hce_waits() { # stamp: whether a new credential is to be carried
    for hce_new in "pilots/$1"/refresh/* "pilots/$1"/refresh.*; do
        [ ! -f "$hce_new" ] || return 0
    done
    return 1
}

hce_refresh() { # job, stamp, folder on the node: the pilot's wrapper takes them from there
    for hce_new in "pilots/$2"/refresh/*; do
        [ ! -f "$hce_new" ] || mv -f "$hce_new" "pilots/$2/refresh.${hce_new##*/}"
    done
    for hce_new in "pilots/$2"/refresh.*; do
        [ -f "$hce_new" ] || continue
        # shellcheck disable=SC2016
        hce_said=$(hce_on_node "$1" sh -c 'umask 077; cat >"$1.new" && mv -f "$1.new" "$1"' \
            sh "$3/refresh/${hce_new##*/refresh.}" <"$hce_new" 2>&1) && rm -f "$hce_new" && continue
        echo "no new credentials for job $1: $hce_said" | hce_first_line >&2
    done
}

hce_fetch() { # job, stamp, folder on the node: prints the job when its outputs are here, whole
    hce_new=pilots/$2/home.new
    if [ ! -d "pilots/$2/home" ]; then
        rm -rf "$hce_new" && mkdir "$hce_new" || return
        # The end of what gzip packed shows that nothing is missing.
        # shellcheck disable=SC2016
        if ! hce_on_node "$1" sh -c 'cd "$1" && tar -czf - $(ls stdout stderr start exit 2>/dev/null)' \
            sh "$3" </dev/null 2>"$hce_new/said" | tar -C "$hce_new" -xzf - 2>/dev/null; then
            echo "the outputs of job $1 are still on its node: $(cat "$hce_new/said")" | hce_first_line >&2
            return
        fi
        for hce_name in stdout stderr start exit; do # exit last: it says that the others are whole
            hce_whole=$hce_new/$hce_name
            [ ! -f "$hce_whole" ] || [ -L "$hce_whole" ] || mv -f "$hce_whole" "pilots/$2/" || return
        done
        mv "$hce_new" "pilots/$2/home" || return
    fi
    echo "$1"
}

hce_side_by_side() { # command...: up to eight, while there is time
    [ "$(date +%s)" -lt "$hce_until" ] || return
    "$@" &
    hce_count=$((hce_count + 1))
    [ $((hce_count % 8)) -ne 0 ] || wait
}

hce_each() { # lines of job, stamp, node, comment; nothing is started for a job that nothing is to be done for
    hce_count=0
    IFS='
'
    set -f
    # shellcheck disable=SC2086
    set -- $1
    set +f
    for hce_line; do
        hce_id=${hce_line%% *} hce_line=${hce_line#* }
        hce_stamp=${hce_line%% *} hce_line=${hce_line#* }
        hce_node=${hce_line%% *} hce_said=${hce_line#* }
        case $hce_said in hosted_ce:run:*:/* | hosted_ce:end:*:/*) ;; *) continue ;; esac
        case $hce_id$hce_stamp in *[!A-Za-z0-9]*) continue ;; esac
        [ -d "pilots/$hce_stamp" ] || continue # another CE's
        hce_word=${hce_said#hosted_ce:}
        hce_since=${hce_word#*:}
        hce_folder=${hce_since#*:}
        case $hce_word in
        run:*)
            [ -s "pilots/$hce_stamp/start" ] || hce_start "$hce_id" "$hce_stamp" "$hce_node" "${hce_since%%:*}"
            ! hce_waits "$hce_stamp" || hce_side_by_side hce_refresh "$hce_id" "$hce_stamp" "$hce_folder"
            ;;
        end:*) hce_side_by_side hce_fetch "$hce_id" "$hce_stamp" "$hce_folder" ;;
        esac
    done
    wait
}

hce_running=$(squeue --noheader --user="$1" --states=RUNNING --format='%i %j %N %k') || exit
hce_taken=$(hce_each "$hce_running")
# shellcheck disable=SC2086
[ -z "$hce_taken" ] || scancel --state=RUNNING --batch --signal=USR1 $hce_taken
