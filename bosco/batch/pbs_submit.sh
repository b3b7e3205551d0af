# OpenPBS and PBS Pro tell their version on standard output, as "pbs_version = 23.06.06"; Torque on standard
# error, as "Version: 6.1.3". Nothing is submitted by asking. Their scripts differ in what is asked for.
said=$(qsub --version 2>&1)
case $said in
*pbs_version*) exec qsub job.openpbs ;;
*Version:*) exec qsub job.torque ;;
esac
printf 'hosted_ce: qsub is neither of OpenPBS nor of Torque: %s\n' "$said" >&2
exit 64
