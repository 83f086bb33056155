"""The same containers through `kubectl logs -f`, as it is measured beside the dashboard."""

import asyncio
import time
from dataclasses import dataclass, field

from tests.logs.real.writing import Ground


@dataclass
class Kubectl:
    """`--timestamps --prefix`: "[pod/NAME/CONTAINER] TIME run number written_ns name padding"."""

    lines: int = 0
    disordered: int = 0
    delays_ms: list[float] = field(default_factory=list)
    _latest: bytes = b""

    async def follow(self, ground: Ground, pod: str, limit_s: float) -> None:
        places = ground.cluster.places
        process = await asyncio.create_subprocess_exec(
            str(places.kubectl), f"--kubeconfig={places.kubeconfig}", "-n", ground.namespace,
            "logs", "-f", pod, "--all-containers", "--max-log-requests=50",
            "--prefix", "--timestamps", "--since=1s",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            async with asyncio.timeout(limit_s):
                rest = b""
                while chunk := await process.stdout.read(256 * 1024):
                    now_ns = time.time_ns()
                    *whole, rest = (rest + chunk).split(b"\n")
                    self._take(whole, now_ns)
        except TimeoutError:
            pass
        finally:
            process.kill()
            await process.wait()

    def _take(self, lines: list[bytes], now_ns: int) -> None:
        for line in lines:
            _prefix, stamp, _run, _number, written, _rest = line.split(b" ", 5)
            self.lines += 1
            self.disordered += stamp < self._latest
            self._latest = max(self._latest, stamp)
        if lines:
            self.delays_ms.append((now_ns - int(written)) / 1e6)
