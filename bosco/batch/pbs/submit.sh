# OpenPBS and PBS Pro tell their version on standard output, as "pbs_version = 23.06.06"; Torque on standard
# error, as "Version: 6.1.3". Nothing is submitted by asking. Their scripts differ in what is asked for.
# $1: the flavour, if it is known. Where nodes do not see this folder, PBS is to copy a folder of the node's, $2,
# into one here, $3, when the job has ended; $4: this host's name for the nodes, if that is not its own idea of it.
flavour=$1
if [ -z "$flavour" ]; then
    said=$(qsub --version 2>&1)
    case $said in
    *pbs_version*) flavour=openpbs ;;
    *Version:*) flavour=torque ;;
    *)
        printf 'hosted_ce: qsub is neither of OpenPBS nor of Torque: %s\n' "$said" >&2
        exit 64
        ;;
    esac
fi
[ -n "${2:-}" ] || exec qsub "job.$flavour"
host=${4:-$(hostname -f 2>/dev/null || hostname)}
case $host in
'' | *[!A-Za-z0-9.-]*)
    printf 'hosted_ce: "%s" cannot be the name of this host for the nodes: see stage_host\n' "$host" >&2
    exit 64
    ;;
esac
exec qsub -W "stageout=$2@$host:$3" "job.$flavour"
