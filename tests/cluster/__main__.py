"""python3 -m tests.cluster COMMAND

up           start the cluster, or reuse a healthy one; it runs until `down`
down         stop it, unless tests are using it; logs stay
purge        stop it and remove what it left; built programs stay in the cache
status       what runs
fill N [M]   create N simulated pods in M namespaces (20)
"""

import sys

from .addons import ensure_kwok
from .bed import bring_down, bring_up
from .components import build_commands
from .failures import Broken, InUse, Missing
from .instance import Instance
from .locks import find_holders, take_turn
from .places import Places, find_places
from .progress import Say, make_say
from .simulation import fill


def print_status(places: Places, say: Say) -> int:
    instance = Instance(places, say)
    fault = instance.find_fault()
    print(f"test cluster: {fault or 'healthy'}")
    for name in [*build_commands(places), "kwok"]:
        process = instance.processes.find(name)
        print(f"  {name:12s} {process.pid if process else '-'}")
    users = find_holders(places.use_lock)
    print(f"kubeconfig:   {places.kubeconfig}\nfolder:       {places.state}")
    print(f"used by:      {', '.join(str(pid) for pid in users) or 'nobody'}")
    return 1 if fault else 0


def run(arguments: list[str]) -> int:
    places, say = find_places(), make_say()
    match arguments:
        case ["up"]:
            bring_up(places, say, keep=True).leave()
            say(f"kubectl is {places.kubectl}; for work by hand:")
            print(f"export KUBECONFIG={places.kubeconfig}")
        case ["down"]:
            bring_down(places, say, purge=False)
            say("The test cluster is down.")
        case ["purge"]:
            bring_down(places, say, purge=True)
            say("The test cluster and what it left are gone.")
        case ["status"]:
            return print_status(places, say)
        case ["fill", pods, *namespaces] if len(namespaces) < 2:
            with take_turn(places, say):
                ensure_kwok(places, say)
            seconds = fill(places, int(pods), int(namespaces[0]) if namespaces else 20)
            say(f"{pods} pods created in {seconds:.1f} s")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def main() -> int:
    try:
        return run(sys.argv[1:])
    except Missing as missing:
        print(f"The test cluster lacks {missing.part}: {missing.reason}", file=sys.stderr)
    except (Broken, InUse) as failure:
        print(failure, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped by hand; the next `up` clears up.", file=sys.stderr)
    return 1


sys.exit(main())
