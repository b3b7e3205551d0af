#!/bin/bash
# What the site wants in every job
echo "#SBATCH --account=osgproj"
echo '#SBATCH --constraint="avx2&ib"'
echo "#SBATCH --nice=100"
echo "#SBATCH --time=10"
echo "module load singularity"
exit 0
