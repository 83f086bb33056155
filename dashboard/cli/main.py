"""`sidecar-dashboard` and `kubectl sidecars`: every way to fail is one sentence and an exit code."""

import sys

OLDEST_PYTHON = (3, 11)


def main(arguments: "list[str] | None" = None) -> int:
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(str(part) for part in sys.version_info[:2])
        print(f"Sidecar Dashboard needs Python 3.11 or newer; this is {have}.", file=sys.stderr)
        return 2
    # Imported here: the modules below use syntax that an older Python cannot even read.
    from dashboard.cli.refusal import Refusal

    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given[:1] == ["inspect"]:
            from dashboard.cli import inspect

            return inspect.run(given[1:])
        from dashboard.cli import options, serve

        return serve.run(options.parse(given))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
