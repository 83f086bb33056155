"""One preset on one workload: planned, dry-run, confirmed, applied, verified, undone."""
