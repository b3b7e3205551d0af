#!/bin/sh
# A test pilot of hosted_ce: uses what was asked for, never more, and prints what it was given and got as JSON.
# usage: stress.sh SECONDS; HOSTED_CE_CPUS and HOSTED_CE_MEMORY_MB say what was asked for.
seconds=${1:-20}
cpus=${HOSTED_CE_CPUS:-1}
memory=${HOSTED_CE_MEMORY_MB:-0}
MARGIN_MB=200 # for this script, and what the batch system runs beside it
MOST_MB=1000000
began=$(date +%s)
problems=
remarks=

remark() { # what may be by chance
    remarks="$remarks${remarks:+, }\"$1\""
    echo "stress: $1" >&2
}

problem() {
    problems="$problems${problems:+, }\"$1\""
    echo "stress: $1" >&2
}

allowed() { # how many CPUs the kernel lets this process use
    sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr ',' '\n' |
        awk -F- 'NF { n += (NF > 1 ? $2 - $1 : 0) + 1 } END { print n + 0 }'
}

up() { # controller, file: the file in each of our control groups, from the innermost outwards
    while IFS=: read -r number controllers path; do
        case $number:,$controllers, in
        0:,,) root=/sys/fs/cgroup ;;
        *,"$1",*) root=/sys/fs/cgroup/$1 ;;
        *) continue ;;
        esac
        while :; do
            [ -r "$root$path/$2" ] && cat "$root$path/$2"
            [ -n "${path#/}" ] || break
            path=${path%/*}
        done
    done </proc/self/cgroup 2>/dev/null
}

quota() { # CPUs by time that the control groups allow; nothing: no limit
    { up cpu cpu.max; } | awk '$1 != "max" && $2 > 0 { q = $1 / $2; if (!n++ || q < least) least = q } END { if (n) printf "%.2f", least }'
}

limit_mb() { # the tightest memory limit of our control groups and rlimits, in MB; nothing: no limit
    {
        up memory memory.max
        up memory memory.limit_in_bytes
        awk '/^Max address space/ { print $4 }' /proc/self/limits
    } | awk '$1 ~ /^[0-9]+$/ && $1 < 2 ^ 60 { if (!n++ || $1 < least) least = $1 } END { if (n) printf "%d", least / 1048576 }'
}

burn() { # cores, seconds: CPU seconds that so many busy processes got
    pids=
    n=0
    while [ "$n" -lt "$1" ]; do
        (while :; do :; done) &
        pids="$pids $!"
        n=$((n + 1))
    done
    sleep "$2"
    # shellcheck disable=SC2086
    kill -9 $pids 2>/dev/null
    for pid in $pids; do wait "$pid"; done 2>/dev/null
    times >stress.times # not in a pipe: that would be another shell, with children of its own
    awk 'NR == 2 { gsub(",", "."); split($1, u, /[ms]/); split($2, s, /[ms]/); printf "%.2f", u[1] * 60 + u[2] + s[1] * 60 + s[2] }' stress.times
    rm -f stress.times
}

less() { # number, number
    awk "BEGIN { exit !($1 < $2) }"
}

touched() { # MB: whether so much memory could be used
    if command -v python3 >/dev/null 2>&1; then
        python3 -c 'import sys; kept = bytearray(b"x") * (int(sys.argv[1]) * 1048576)' "$1"
    else # without line breaks, tail has to keep all of it
        [ "$(head -c "$(($1 * 1048576))" /dev/zero | tail -n 1 | wc -c)" -gt 0 ]
    fi
}

written() { # whether a file comes back as it was written
    dd if=/dev/urandom of=stress.data bs=65536 count=512 2>/dev/null || return 1
    first=$(cksum <stress.data)
    cp stress.data stress.copy && [ "$(cksum <stress.copy)" = "$first" ]
    code=$?
    rm -f stress.data stress.copy
    return "$code"
}

affinity=$(allowed)
quota=$(quota)
limit=$(limit_mb)
[ "$affinity" -ge "$cpus" ] || problem "asked for $cpus cores, may use $affinity"
[ -z "$quota" ] || ! less "$quota + 0.01" "$cpus" || problem "asked for $cpus cores, gets the time of $quota"
[ -z "$limit" ] || [ "$limit" -ge "$memory" ] || problem "asked for $memory MB of memory, may use $limit"

busy=$cpus
[ "$busy" -le "$affinity" ] || busy=$affinity
used=null
if [ "$seconds" -gt 0 ]; then
    used=$(awk "BEGIN { printf \"%.2f\", $(burn "$busy" "$seconds") / $seconds }")
    ! less "$used" "0.7 * $busy" ||
        remark "$busy busy processes got the time of $used cores: others use the same"
fi

touch=$((memory - memory / 10))
[ "$touch" -le "$((memory - MARGIN_MB))" ] || touch=$((memory - MARGIN_MB))
[ "$touch" -le "$MOST_MB" ] || touch=$MOST_MB
if [ "$touch" -gt 0 ]; then
    touched "$touch" || problem "could not use $touch MB of memory"
else
    touch=0
fi
written || problem "a file of 32 MB in $PWD did not come back as it was written"

verdict=pass
[ -z "$remarks" ] || verdict=warn
[ -z "$problems" ] || verdict=fail
printf '{"verdict": "%s", "cores": {"asked": %d, "affinity": %d, "quota": %s, "used": %s}, ' \
    "$verdict" "$cpus" "$affinity" "${quota:-null}" "$used"
printf '"memory_mb": {"asked": %d, "limit": %s, "touched": %d}, ' "$memory" "${limit:-null}" "$touch"
printf '"node": "%s", "seconds": %d, "problems": [%s], "remarks": [%s]}\n' \
    "$(uname -n)" "$(($(date +%s) - began))" "$problems" "$remarks"
[ -z "$problems" ]
