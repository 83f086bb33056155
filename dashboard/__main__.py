"""`python -m dashboard`: the same as the command `sidecar-dashboard`."""

from dashboard.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
