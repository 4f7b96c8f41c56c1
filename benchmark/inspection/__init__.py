"""From a CAD file to verdicts: golden samples, and all steps by one command."""
