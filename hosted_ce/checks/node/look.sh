#!/bin/sh
# Looks around on a worker node for hosted_ce, within a minute. Needs no more than a POSIX shell and the usual
# commands, and uses python3, curl, wget and bash where they are. It writes into folders of its own, and removes
# them. What it finds it prints as lines "@@NONCE NAME VALUE", the last one with their number.
# usage: look.sh NONCE NAME=VALUE...: hosted_ce.checks.node.script knows the names
LC_ALL=C
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}:/usr/sbin:/sbin
export LC_ALL PATH
umask 077
nonce=$1
shift
scratch='' host='' ports='' names='' squid_url='' squid_expect='' proxy='' clock_url='' repositories='' stale_min=14400
for word; do
    value=${word#*=}
    case $word in
    scratch=*) scratch=$value ;;
    host=*) host=$value ;;
    ports=*) ports=$value ;;
    names=*) names=$value ;;
    squid_url=*) squid_url=$value ;;
    squid_expect=*) squid_expect=$value ;;
    proxy=*) proxy=$value ;;
    clock_url=*) clock_url=$value ;;
    repositories=*) repositories=$value ;;
    stale_min=*) stale_min=$value ;;
    esac
done
began=$(date +%s)
lines=0

have() { command -v "$1" >/dev/null 2>&1; }

say() { # name, value
    lines=$((lines + 1))
    printf '@@%s %s %s\n' "$nonce" "$1" "$(printf '%s' "$2" | tr '\n\r\t' '   ' | tr -cd '[:print:]' | cut -c1-400)"
}

finish() {
    say seconds "$(($(date +%s) - began))"
    printf '@@%s end %s\n' "$nonce" "$lines"
    [ -z "$T" ] || rm -rf "$T"
    exit 0
}

# --- a folder for answers, and commands that may hang

T=
for folder in "$PWD" "${TMPDIR:-/tmp}" /tmp /dev/shm "${HOME:-/}"; do
    if mkdir "$folder/hce-look.$$" 2>/dev/null; then
        T=$folder/hce-look.$$
        if (echo x >"$T/x") 2>/dev/null && [ -s "$T/x" ]; then break; fi
        rm -rf "$T"
        T=
    fi
done
say version 1
say host "$(uname -n)"
if [ -z "$T" ]; then
    say trouble "no folder can be written: neither $PWD nor /tmp, /dev/shm or the home"
    finish
fi
timed=
if timeout -s KILL 5 true 2>/dev/null; then timed=yes; fi
tick=1
if sleep 0.1 2>/dev/null; then tick=0.1; fi

later() { # name, seconds, command: begins it; its output and exit code are in files
    it=$T/$1 seconds=$2
    shift 2
    [ -z "$timed" ] || set -- timeout -s KILL "$seconds" "$@"
    (
        "$@" >"$it.out" 2>"$it.err" </dev/null &
        echo $! >"$it.pid"
        wait $!
        echo $? >"$it.code" && mv "$it.code" "$it.rc"
    ) >/dev/null 2>&1 &
}

answered() { # name, seconds: whether it was over so long after all began. Who hangs in the kernel is left behind.
    while [ ! -s "$T/$1.rc" ]; do
        if [ "$(($(date +%s) - began))" -gt "$2" ]; then
            kill -9 "$(cat "$T/$1.pid")" 2>/dev/null
            return 1
        fi
        sleep "$tick"
    done
    code=$(cat "$T/$1.rc")
    [ "$code" != 137 ] || [ -z "$timed" ] # ended by timeout
}

error() { # name: the last thing that it said
    sed -n '/./h; ${ x; p; }' "$T/$1.err"
}

words() { # with commas between them
    printf '%s' "$1" | tr ',' ' '
}

# --- connections

# shellcheck disable=SC2016
PYTHON_CONNECT='
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()
    print("ok")
except socket.gaierror as e:
    print("unresolved", e)
except ConnectionRefusedError:
    print("refused")
except socket.timeout:
    print("timeout")
except OSError as e:
    print("unreachable", e)
'
# shellcheck disable=SC2016
PYTHON_FETCH='
import sys, urllib.request
proxies = {"http": sys.argv[2]} if sys.argv[2] else {}
opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
try:
    answer = opener.open(sys.argv[1], timeout=8)
except urllib.error.HTTPError as e:
    answer = e
except OSError as e:
    sys.exit(str(e))
print("HTTP/1.1", answer.getcode())
print(answer.headers)
sys.stdout.flush()
sys.stdout.buffer.write(answer.read(65536))
'

connect() { # name, port
    if have python3; then
        later "$1" 6 python3 -c "$PYTHON_CONNECT" "$host" "$2"
    elif have bash; then
        # shellcheck disable=SC2016
        later "$1" 5 bash -c ': <"/dev/tcp/$1/$2" && echo ok' x "$host" "$2"
    elif have nc; then
        # shellcheck disable=SC2016
        later "$1" 5 sh -c 'nc -w 4 "$1" "$2" </dev/null && echo ok' x "$host" "$2"
    elif have curl; then
        later "$1" 6 curl -sv -m 5 "telnet://$host:$2"
    else
        return 1
    fi
}

connected() { # name: what became of the connection, in a word
    answered "$1" 8 || {
        echo timeout
        return
    }
    if grep -q "^ok\|^\* Connected to" "$T/$1.out" "$T/$1.err"; then
        echo ok
    elif [ -s "$T/$1.out" ]; then
        cat "$T/$1.out"
    else
        case $(cat "$T/$1.err") in
        *efused*) echo refused ;;
        *esol* | *nown* | *"bad address"*) echo unresolved ;;
        *imed\ out* | *imeout* | '') echo timeout ;;
        *) echo "unreachable $(error "$1")" ;;
        esac
    fi
}

fetch() { # name, URL, proxy or nothing: headers, an empty line and the body
    if have curl; then
        if [ -n "$3" ]; then
            later "$1" 12 curl -s -S -i -m 10 -x "$3" "$2"
        else
            later "$1" 12 curl -s -S -i -m 10 --noproxy '*' "$2"
        fi
    elif have python3; then
        later "$1" 12 python3 -c "$PYTHON_FETCH" "$2" "$3"
    elif have wget; then
        # shellcheck disable=SC2016
        later "$1" 12 sh -c 'http_proxy=$2; export http_proxy
            [ -n "$2" ] || unset http_proxy
            wget -q -S -T 8 -O - "$1" 2>&1' x "$2" "$3"
    else
        return 1
    fi
}

fetched() { # name, text that has to be in it: what became of it, in a word
    answered "$1" 14 || {
        echo timeout
        return
    }
    status=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$T/$1.out" | tail -n 1)
    if [ -z "$status" ]; then
        case $code:$(cat "$T/$1.err" "$T/$1.out") in
        *efused* | 7:*) echo refused ;; # 7, 28, 5 and 6 are curl's
        *imed\ out* | *imeout* | 28:*) echo timeout ;;
        *esolve* | *"not known"* | *"bad address"* | [56]:*) echo unresolved ;;
        *) echo "wrong no answer of HTTP: $(error "$1")" ;;
        esac
    elif [ "$status" != 200 ]; then
        echo "wrong HTTP status $status"
    elif [ -n "$2" ] && ! grep -q -F -e "$2" "$T/$1.out"; then
        echo "wrong the answer is another one"
    else
        echo ok
    fi
}

# --- what takes time begins at once

resolve() { # name, host name
    if have getent; then
        later "$1" 9 getent hosts "$2"
    elif have python3; then
        later "$1" 9 python3 -c 'import socket, sys; socket.getaddrinfo(sys.argv[1], 80)' "$2"
    elif have nslookup; then
        later "$1" 9 nslookup "$2"
    else
        return 1
    fi
}

for name in $(words "$names"); do resolve "dns.$name" "$name"; done
if [ -n "$host" ]; then
    for port in $(words "$ports"); do connect "port.$port" "$port"; done
fi
if [ -z "$proxy" ]; then
    proxy=${OSG_SQUID_LOCATION:-${http_proxy:-}}
    [ -n "$proxy" ] || [ ! -r /etc/cvmfs/default.local ] ||
        proxy=$(sed -n 's/^ *CVMFS_HTTP_PROXY=//p' /etc/cvmfs/default.local | tail -n 1 | tr -d "\"'" | sed 's/[;|].*//')
fi
case $proxy in
'' | DIRECT | UNAVAILABLE | auto) proxy= ;;
http://*) ;;
*) proxy=http://$proxy ;;
esac
[ -z "$proxy" ] || [ -z "$squid_url" ] || fetch squid "$squid_url" "$proxy"
[ -z "$clock_url" ] || fetch clock "$clock_url" ''
for repository in $(words "$repositories"); do
    [ ! -d /cvmfs ] || later "cvmfs.$repository" 12 ls -A "/cvmfs/$repository/"
done
if have unshare; then later userns 5 unshare -Ur true; fi
if have nvidia-smi; then later gpus 10 nvidia-smi -L; fi

apptainer=
for place in apptainer singularity /cvmfs/oasis.opensciencegrid.org/mis/apptainer/bin/apptainer; do
    case $place in
    /cvmfs/*) case $repositories in *oasis.opensciencegrid.org*) ;; *) continue ;; esac
        answered cvmfs.oasis.opensciencegrid.org 13 || continue ;;
    esac
    if have "$place"; then
        apptainer=$(command -v "$place")
        break
    fi
done
if [ -n "$apptainer" ]; then
    later apptainer 10 "$apptainer" --version
    image=$T/image # the node's own programs in a folder are container enough
    mkdir "$image"
    for folder in bin dev etc home lib lib64 proc root sys tmp usr var; do mkdir "$image/$folder"; done
    set -- exec --bind /bin --bind /lib --bind /usr
    [ ! -e /lib64 ] || set -- "$@" --bind /lib64
    later container 25 "$apptainer" "$@" "$image" /bin/true
fi

# --- system

os() { sed -n "s/^$1=//p" /etc/os-release 2>/dev/null | tr -d "\"'"; }
say time "$(date +%s)"
say uid "$(id -u)"
say user "$(id -un 2>/dev/null)"
say kernel "$(uname -r)"
say arch "$(uname -m)"
say os_id "$(os ID)"
say os_version "$(os VERSION_ID)"
say os_name "$(os PRETTY_NAME)"
say libc "$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | sed -n '1p')"

up() { # controller, file: the file in each of our control groups, from the innermost outwards
    while IFS=: read -r number controllers path; do
        case $number:,$controllers, in
        0:,,) root=/sys/fs/cgroup ;;
        *,"$1",*) root=/sys/fs/cgroup/$1 ;;
        *) continue ;;
        esac
        while :; do
            [ ! -r "$root$path/$2" ] || cat "$root$path/$2"
            [ -n "${path#/}" ] || break
            path=${path%/*}
        done
    done </proc/self/cgroup
}

say cores_allowed "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr ',' '\n' |
    awk -F- 'NF { n += (NF > 1 ? $2 - $1 : 0) + 1 } END { print n + 0 }')"
say cores_node "$(grep -c '^processor' /proc/cpuinfo)"
quota=$({
    up cpu cpu.max
    up cpu cpu.cfs_quota_us | sed 's/$/ 100000/' # of the usual period
} 2>/dev/null | awk '$1 ~ /^[0-9]+$/ && $1 > 0 { q = $1 / $2; if (!n++ || q < least) least = q } END { if (n) printf "%.2f", least }')
[ -z "$quota" ] || say cores_quota "$quota"
say memory_kb "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)"
limit=$({
    up memory memory.max
    up memory memory.limit_in_bytes
    sed -n 's/^Max address space *\([0-9]*\) .*/\1/p' /proc/self/limits
} 2>/dev/null | awk '$1 ~ /^[0-9]+$/ && $1 < 2 ^ 60 { if (!n++ || $1 < least) least = $1 } END { if (n) printf "%.0f", least }')
[ -z "$limit" ] || say memory_limit "$limit"
say nofile "$(sed -n 's/^Max open files *\([a-z0-9]*\) .*/\1/p' /proc/self/limits)"
say nproc "$(sed -n 's/^Max processes *\([a-z0-9]*\) .*/\1/p' /proc/self/limits)"
devices=0
for device in /dev/nvidia[0-9]*; do [ ! -e "$device" ] || devices=$((devices + 1)); done
say gpu_devices "$devices"

# --- scratch

S=${scratch:-${OSG_WN_TMP:-${_CONDOR_SCRATCH_DIR:-${TMPDIR:-$PWD}}}}
say scratch "$S"
mount=$(df -Pk "$S" 2>/dev/null | awk 'NR > 1 { print $NF }')
say scratch_mount "$mount"
say scratch_type "$(awk -v at="$mount" '$2 == at { type = $3 } END { print type }' /proc/self/mounts)"
say scratch_free_kb "$(df -Pk "$S" 2>/dev/null | awk 'NR > 1 { print $(NF - 2) }')"
say scratch_inodes "$(df -Pi "$S" 2>/dev/null | awk 'NR > 1 && $(NF - 4) > 0 { print $(NF - 2) }')"
try=$S/hce-look-scratch.$$
if why=$(mkdir "$try" 2>&1); then
    if why=$(dd if=/dev/zero of="$try/data" bs=65536 count=32 2>&1) && [ "$(wc -c <"$try/data")" -eq 2097152 ]; then
        say scratch_write ok
        { printf '#!/bin/sh\necho ran\n' >"$try/run" && chmod 700 "$try/run"; } 2>/dev/null
        if [ "$("$try/run" 2>/dev/null)" = ran ]; then say scratch_exec ok; else say scratch_exec "$("$try/run" 2>&1)"; fi
    else
        say scratch_write "$(printf '%s' "$why" | sed -n '1p')"
    fi
    rm -rf "$try"
else
    say scratch_write "$why"
fi
stale=0
for place in "$S" "$S/.."; do
    [ "$place" = "$S" ] || [ "$S" != "$PWD" ] || [ -n "$scratch" ] || continue
    for folder in "$place"/glide_*; do
        if [ ! -d "$folder" ] || [ ! -O "$folder" ]; then continue; fi
        [ -n "$(find "$folder" -prune -mmin +"$stale_min" 2>/dev/null)" ] || continue
        stale=$((stale + 1))
        [ "$stale" -gt 5 ] || later "stale.$stale" 10 du -sk "$folder"
    done
done
say stale "$stale"

# --- processes of the account that nobody is the parent of

me=$(id -u)
hertz=$(getconf CLK_TCK 2>/dev/null || echo 100)
uptime=$(sed 's/[. ].*//' /proc/uptime)
found=0
if [ "$me" != 0 ]; then
    for process in /proc/[0-9]*; do
        [ -O "$process" ] || continue
        # shellcheck disable=SC2046
        set -- $(sed 's/.*) //' "$process/stat" 2>/dev/null)
        if [ "${2:-}" != 1 ] || [ $# -lt 20 ]; then continue; fi
        name=$(sed -n 's/^Name:[[:space:]]*//p' "$process/status" 2>/dev/null)
        case $name in systemd | '(sd-pam)' | dbus-* | gpg-agent | ssh-agent) continue ;; esac
        age=$((uptime - ${20} / hertz))
        found=$((found + 1))
        [ "$found" -gt 20 ] || say orphan "$age $name"
    done
fi

# --- containers

say max_user_namespaces "$(cat /proc/sys/user/max_user_namespaces 2>/dev/null)"
if ! have unshare; then
    say userns unknown
elif answered userns 8 && [ "$code" = 0 ]; then
    say userns ok
else
    say userns "$(error userns)"
fi
if [ -r /dev/fuse ] && [ -w /dev/fuse ]; then say fuse ok; else say fuse no; fi

# --- what has answered meanwhile

for name in $(words "$names"); do
    if [ ! -e "$T/dns.$name.pid" ] && [ ! -e "$T/dns.$name.out" ]; then
        have getent || have python3 || have nslookup || continue
    fi
    if ! answered "dns.$name" 11; then
        say "dns.$name" timeout
    elif [ "$code" = 0 ]; then
        say "dns.$name" ok
    else
        say "dns.$name" failed
    fi
done
if [ -n "$host" ]; then
    for port in $(words "$ports"); do
        if have python3 || have bash || have nc || have curl; then
            say "port.$port" "$(connected "port.$port")"
        fi
    done
fi
say proxy "$proxy"
if [ -n "$proxy" ] && [ -n "$squid_url" ] && { have curl || have python3 || have wget; }; then
    say squid "$(fetched squid "$squid_expect")"
fi
if [ -n "$clock_url" ] && { have curl || have python3 || have wget; } && answered clock 14; then
    moment=$(date -r "$T/clock.rc" +%s 2>/dev/null || date +%s)
    date=$(tr -d '\r' <"$T/clock.out" | sed -n 's/^ *[Dd]ate: *//p' | sed -n '1p')
    [ -z "$date" ] || say http_date "$moment $date"
fi
for repository in $(words "$repositories"); do
    if [ ! -d /cvmfs ]; then
        say "cvmfs.$repository" missing
    elif ! answered "cvmfs.$repository" 14; then
        say "cvmfs.$repository" timeout
    elif [ "$code" != 0 ]; then
        say "cvmfs.$repository" "missing $(error "cvmfs.$repository")"
    elif [ -s "$T/cvmfs.$repository.out" ]; then
        say "cvmfs.$repository" ok
    else
        say "cvmfs.$repository" empty
    fi
done
if have nvidia-smi; then
    if ! answered gpus 12; then
        say gpu_listed timeout
    elif [ "$code" = 0 ]; then
        say gpu_listed "$(grep -c '^GPU' "$T/gpus.out")"
    else
        say gpu_listed "failed $(error gpus)"
    fi
fi
if [ -n "$apptainer" ]; then
    say apptainer "$apptainer"
    if answered apptainer 15 && [ "$code" = 0 ]; then say apptainer_version "$(sed -n 1p "$T/apptainer.out")"; fi
    if ! answered container 40; then
        say container timeout
    elif [ "$code" = 0 ]; then
        say container ok
    else
        say container "$(error container)"
    fi
fi
number=1
while [ "$number" -le 5 ] && [ "$number" -le "$stale" ]; do
    if answered "stale.$number" 45; then say stale_kb "$(awk '{ print $1; exit }' "$T/stale.$number.out")"; fi
    number=$((number + 1))
done
finish
