"""The command as people run it: in a process of its own, without a cluster."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: app:1
        ports: [{containerPort: 8080}]
        volumeMounts: [{name: data, mountPath: /data}]
      - name: nginx
        image: nginx:1.30
        ports: [{containerPort: 80, name: http}]
        resources: {limits: {memory: 64Mi}}
        volumeMounts:
        - {name: data, mountPath: /srv, readOnly: true}
        - {name: config, mountPath: /etc/nginx/conf.d}
      volumes:
      - {name: data, emptyDir: {sizeLimit: 1Gi}}
      - {name: config, configMap: {name: nginx}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: nginx}
data:
  site.conf: |
    server {
      listen 80;
      location / { proxy_pass http://127.0.0.1:8080; }
    }
"""
CLASH = """\
apiVersion: v1
kind: Pod
metadata: {name: clash}
spec:
  containers:
  - {name: a, image: "a:1", ports: [{containerPort: 80}]}
  - {name: b, image: "b:1", ports: [{containerPort: 80}], resources: {limits: {memory: 1Mi}}}
"""


def inspect(
    *arguments: str, stdin: str | bytes = "", **environment: str
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "dashboard", "inspect", *arguments],
        cwd=ROOT,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "", **environment},
        timeout=LIMIT_S,
        check=False,
    )


def pods(*arguments: str, stdin: str | bytes = "") -> list[Any]:
    """Of `-o json`; the command must succeed."""
    done = inspect("-o", "json", *(arguments or ("-f", "-")), stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    return list(json.loads(done.stdout)["pods"])
