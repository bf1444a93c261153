#!/bin/sh
#SBATCH --job-name=batchwise
#SBATCH --nodes=2
#SBATCH --ntasks=4
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60
# Trains a recipe in a job of Slurm, and in as many jobs after it as the recipe takes:
#
#     sbatch docs/slurm.sh recipe.yaml runs/wide --checkpoint-every "300 seconds"
#
# A minute before the end of its time the job gets SIGTERM: the workers write a checkpoint, the job is put into the queue
# again, and goes on from there, to the same bits. So it does after the loss of a node, and when Slurm requeues it.
# All nodes must share the directory of the run. Options after it are those of train that belong to the machine.
recipe=${1:?the first argument is the recipe}
run=${2:?the second argument is the directory of the run}
shift 2

if [ -e "$run/recipe.yaml" ]; then
    set -- --resume "$run" "$@"
else
    set -- "$recipe" --run "$run" "$@"
fi
batchwise launch --grace 50 -- train "$@" &
launch=$!
trap 'kill -TERM "$launch"' TERM
# a signal ends a wait, not the launch
while
    wait "$launch"
    status=$?
    kill -0 "$launch" 2>/dev/null
do :; done
if [ "$status" = 75 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$status"
