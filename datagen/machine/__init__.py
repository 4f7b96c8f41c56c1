"""Whether this machine has what a run needs: `oddgen doctor`."""
