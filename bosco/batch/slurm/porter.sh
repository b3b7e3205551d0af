# hosted_ce: runs at the login node, in the spool, after a listing, where nodes do not see the spool. Slurm's own
# srun carries: start records and outputs home, new credentials to the pilots. $1: the account; $2: seconds
# after which nothing more is begun; $3: how many a step may take; $4: how many it has to end when told to.
# Whatever fails is tried again after the next listing. There can be two porters at once.
umask 077
hce_until=$(($(date +%s) + $2))
hce_step_s=$3
hce_grace_s=$4
hce_lanes=8

hce_on_node() { # node, job, command...: a step beside the pilot; 124: no answer, and nobody asks that node again
    hce_node=$1
    hce_job=$2
    shift 2
    [ ! -e "$hce_silent/$hce_node" ] || return 124
    timeout -k "$hce_grace_s" "$hce_step_s" srun --jobid="$hce_job" --job-name=hosted_ce_files --overlap --nodes=1 \
        --ntasks=1 --mem=0 --cpu-bind=none --mpi=none --chdir=/ --quiet "$@" && return
    hce_code=$?
    case $hce_code in 124 | 137) touch "$hce_silent/$hce_node" && return 124 ;; esac
    return "$hce_code"
}

hce_complain() { # exit code, node, what could not be done, what was said about it
    case $1 in
    124) echo "$3: $2 has not answered within $hce_step_s s" ;;
    *) echo "$3: ${4:-exit code $1}" | sed q ;;
    esac >&2
}

hce_start() { # job, stamp, node, seconds since the epoch
    printf '%s\n' "time=$4" "host=$3" "job=$1" >"pilots/$2/start.new.$$" &&
        mv -f "pilots/$2/start.new.$$" "pilots/$2/start"
}

hce_waits() { # stamp: whether a new credential is to be carried
    for hce_new in "pilots/$1"/refresh/* "pilots/$1"/refresh.*; do
        [ ! -f "$hce_new" ] || return 0
    done
    return 1
}

hce_refresh() { # job, stamp, node, folder there: the pilot's wrapper takes them from it
    for hce_new in "pilots/$2"/refresh/*; do
        [ ! -f "$hce_new" ] || mv -f "$hce_new" "pilots/$2/refresh.${hce_new##*/}"
    done
    for hce_new in "pilots/$2"/refresh.*; do
        [ -f "$hce_new" ] || continue
        # A connection that breaks looks like the end of the file: its size tells whether it is whole.
        # shellcheck disable=SC2016
        hce_said=$(hce_on_node "$3" "$1" sh -c 'umask 077
            cat >"$1.$$" && [ "$(wc -c <"$1.$$")" -eq "$2" ] && mv -f "$1.$$" "$1" && exit
            rm -f "$1.$$"
            echo "it has not come whole" >&2
            exit 1' sh "$4/refresh/${hce_new##*/refresh.}" "$(wc -c <"$hce_new")" <"$hce_new" 2>&1) &&
            rm -f "$hce_new" && continue
        hce_complain "$?" "$3" "no new credentials for job $1" "$hce_said"
    done
}

hce_unpack() { # job, node, folder there, folder here: whether its outputs are here, whole; if not, hce_said is why
    # An archive of its own, since of a pipe only the last exit code counts, and srun's has to.
    # shellcheck disable=SC2016
    hce_said=$({
        hce_on_node "$2" "$1" sh -c 'cd "$1" && tar -czf - $(ls stdout stderr start exit 2>/dev/null)' \
            sh "$3" </dev/null >"$4/archive"
    } 2>&1) && hce_said=$(tar -C "$4" -xzf "$4/archive" 2>&1)
}

hce_fetch() { # job, stamp, node, folder there: prints the job when its outputs are at home
    hce_new=pilots/$2/home.new.$$
    if [ ! -d "pilots/$2/home" ]; then
        rm -rf "$hce_new" && mkdir "$hce_new" || return
        hce_unpack "$1" "$3" "$4" "$hce_new" || {
            hce_code=$?
            # The other porter may have been here, and the job has gone.
            [ -d "pilots/$2/home" ] || hce_complain "$hce_code" "$3" \
                "the outputs of job $1 are still on its node" "$hce_said"
            rm -rf "$hce_new"
            return
        }
        for hce_name in stdout stderr start exit; do # exit last: it says that the others are whole
            hce_whole=$hce_new/$hce_name
            [ ! -f "$hce_whole" ] || [ -L "$hce_whole" ] || mv -f "$hce_whole" "pilots/$2/" || return
        done
        mkdir -p "pilots/$2/home" || return
        rm -rf "pilots/$2"/home.new.* # those of porters that were ended as well
    fi
    echo "$1"
}

hce_calls() { # lines of job, stamp, node, comment: prints what needs a step, in the order of the functions' arguments
    while read -r hce_id hce_stamp hce_node hce_said; do
        case $hce_said in hosted_ce:run:*:/* | hosted_ce:end:*:/*) ;; *) continue ;; esac
        case $hce_id$hce_stamp in *[!A-Za-z0-9]*) continue ;; esac
        [ -d "pilots/$hce_stamp" ] || continue # another CE's
        hce_word=${hce_said#hosted_ce:}
        hce_since=${hce_word#*:}
        hce_call="$hce_id $hce_stamp $hce_node ${hce_since#*:}"
        case $hce_word in
        run:*)
            [ -s "pilots/$hce_stamp/start" ] || hce_start "$hce_id" "$hce_stamp" "$hce_node" "${hce_since%%:*}"
            ! hce_waits "$hce_stamp" || echo "refresh $hce_call"
            ;;
        end:*) echo "fetch $hce_call" ;;
        esac
    done
}

hce_lane() { # number: every so-manyth call, while there is time; a step that hangs holds up this lane alone
    hce_at=0
    while read -r hce_what hce_id hce_stamp hce_where hce_folder; do
        hce_at=$((hce_at + 1))
        [ $((hce_at % hce_lanes)) -eq "$1" ] || continue
        [ "$(date +%s)" -lt "$hce_until" ] || return
        "hce_$hce_what" "$hce_id" "$hce_stamp" "$hce_where" "$hce_folder"
    done
}

hce_side_by_side() { # calls
    hce_number=0
    while [ "$hce_number" -lt "$hce_lanes" ]; do
        printf '%s\n' "$1" | hce_lane "$hce_number" &
        hce_number=$((hce_number + 1))
    done
    wait
}

hce_release() { # jobs: they may end. One that the other porter told it has gone, and that is what is wanted
    # shellcheck disable=SC2086
    hce_said=$(scancel --state=RUNNING --batch --signal=USR1 $1 2>&1) && return
    hce_code=$?
    case $hce_code$hce_said in 225 | 229) return 0 ;; esac # SILENTLY_GONE of the codec
    hce_trouble=$(printf '%s\n' "$hce_said" |
        grep -v -e 'Invalid job id specified' -e 'already completing or completed')
    [ -n "$hce_trouble" ] || [ -z "$hce_said" ] || return 0
    echo "${hce_trouble:-scancel: exit code $hce_code}" >&2
    return "$hce_code"
}

hce_running=$(squeue --noheader --user="$1" --states=RUNNING --format='%i %j %N %k') || exit
# Outputs first, since they are lost after a while. In any order, so that those behind silent nodes have their turn.
hce_work=$(printf '%s\n' "$hce_running" | hce_calls | shuf | sort -s -k 1,1)
[ -n "$hce_work" ] || exit 0
hce_silent=$(mktemp -d) || exit
trap 'rm -rf "$hce_silent"' EXIT
hce_taken=$(hce_side_by_side "$hce_work")
[ -z "$hce_taken" ] || hce_release "$hce_taken"
