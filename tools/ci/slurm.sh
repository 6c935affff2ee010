#!/usr/bin/env bash
# Verifies in a Slurm array and merges what its tasks found:
#
#   tools/ci/slurm.sh submit 4 FOLDER [options of verify]
#
# submits an array of 4 tasks, and a job that merges after them, whatever they ended with: its exit status is the
# verdict. FOLDER is on a disk that all nodes see. A task that was killed continues: sbatch --requeue, or by hand
#
#   sbatch --array=3 tools/ci/slurm.sh task 4 FOLDER [options of verify]
#   sbatch tools/ci/slurm.sh merge FOLDER [options of merge, such as --junit junit.xml]
#
# Options for sbatch, such as a partition: SBATCH_PARTITION=… and the like, which sbatch reads.
set -euo pipefail

usage() {
  echo "usage: $0 submit SHARDS FOLDER [options of verify]" >&2
  exit 64
}
command=${1:-}
[ $# -ge 2 ] || usage
shift
# In the clone of Touchstone, from where sbatch was called.
touchstone() { npx touchstone "$@"; }

case $command in
  submit)
    [ $# -ge 2 ] || usage
    shards=$1 folder=$2
    array=$(sbatch --parsable --requeue --array="1-$shards" "$0" task "$@")
    merge=$(sbatch --parsable --dependency="afterany:${array%%;*}" "$0" merge "$folder")
    echo "array ${array%%;*}, merge ${merge%%;*}: $folder/merged"
    ;;
  task)
    [ $# -ge 2 ] || usage
    shards=$1 folder=$2
    shift 2
    report=$folder/shards/${SLURM_ARRAY_TASK_ID:?}
    rm -f "$report/.touchstone-lock" # of a task that was killed: no other writes there
    # Not auto: a task that is submitted again by itself is an array of one.
    touchstone verify "$@" --shard "$SLURM_ARRAY_TASK_ID/$shards" --report "$report" --resume
    ;;
  merge)
    folder=$1
    shift
    touchstone merge "$folder/shards" --report "$folder/merged" "$@"
    ;;
  *) usage ;;
esac
