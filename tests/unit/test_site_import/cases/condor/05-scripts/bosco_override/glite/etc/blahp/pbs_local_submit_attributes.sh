#!/bin/bash
if [ -n "$xcount" ]; then
  echo "#PBS -l feature=big"
fi
