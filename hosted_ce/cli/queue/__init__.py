"""`hosted-ce q` and `hosted-ce history`: what condor_q and condor_history are used for."""
