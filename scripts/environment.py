"""Makes the virtual environment and installs the pinned requirements; does nothing if it is up to date.

Written for any Python since 3.6, so that an old one gets a sentence and not a syntax error.
"""

import hashlib
import os
import subprocess
import sys

OLDEST = (3, 11)
UNREACHABLE = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "Failed to establish a new connection",
    "Network is unreachable",
    "ConnectTimeoutError",
    "Cannot connect to proxy",
    "NewConnectionError",
)


def refuse(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(2)


def main(venv, requirements):
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:3]))
        refuse(
            f"Python 3.11 or newer is needed, and {sys.executable} is {have}. "
            "Name another one: make demo PYTHON=python3.11"
        )
    stamp = os.path.join(venv, ".installed")
    wanted = fingerprint(requirements)
    if wanted in installed(stamp):
        return
    make(venv)
    install(venv, requirements)
    # The development set holds the run-time set, so that both names are up to date after it.
    done = [wanted]
    if requirements == "requirements-dev.txt":
        done.append(fingerprint("requirements.txt"))
    with open(stamp, "w") as file:
        file.write("\n".join(done) + "\n")


def fingerprint(requirements):
    with open(requirements, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return f"{requirements} {running()} {digest}"


def running():
    return ".".join(map(str, sys.version_info[:2]))


def installed(stamp):
    try:
        with open(stamp) as file:
            return file.read().splitlines()
    except OSError:
        return []


def make(venv):
    python = os.path.join(venv, "bin", "python")
    if os.path.exists(python):
        own = subprocess.run(
            [python, "-c", "import sys; print('.'.join(map(str, sys.version_info[:2])))"],
            stdout=subprocess.PIPE,
        )
        if own.returncode == 0 and own.stdout.decode().strip() == running():
            return
    print(f"Making the environment {venv} with Python {running()} …")
    sys.stdout.flush()
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", venv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if made.returncode:
        folder = os.path.dirname(os.path.abspath(venv))
        if not os.access(folder, os.W_OK):
            refuse(f"{folder} cannot be written, and the environment lies in it. Use a clone that is yours.")
        refuse(
            "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv\n"
            + made.stdout.decode(errors="replace").strip()
        )


def install(venv, requirements):
    with open(requirements) as file:
        count = sum(1 for line in file if line[:1].isalnum())
    print(f"Installing {count} packages of {requirements}, each checked by its hash (once) …")
    sys.stdout.flush()
    command = [
        os.path.join(venv, "bin", "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "2",
        "--requirement",
        requirements,
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return
    output = done.stdout.decode(errors="replace").strip()
    if any(mark in output for mark in UNREACHABLE):
        refuse(
            "The Python package index cannot be reached, so nothing was installed. Connect to the network, "
            "or name a mirror (PIP_INDEX_URL) or a folder of wheels (PIP_NO_INDEX=1 PIP_FIND_LINKS=folder)."
        )
    refuse(f"pip could not install {requirements}:\n{output}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
