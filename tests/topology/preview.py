"""Draws the gallery into HTML: `python -m tests.topology.preview OUT [light|dark] [zh]`.

The icons come from a sprite, which a browser reads over HTTP only: `python -m http.server -d OUT`.
"""

import sys
from dataclasses import fields, replace
from pathlib import Path

from sidecars import manifests
from sidecars.diagram.layout import lay_out
from sidecars.diagram.legend import draw_legend
from sidecars.diagram.svg import draw, draw_standalone
from sidecars.diagram.words import Words
from sidecars.topology import Usage
from tests.topology.gallery import gallery

STATIC = Path(__file__).parents[2] / "static"
CHINESE = {
    "main": "主容器",
    "sidecar": "边车",
    "native_sidecar": "原生边车",
    "native_short": "边车",
    "init": "初始化",
    "debug": "调试",
    "running": "运行中",
    "starting": "启动中",
    "pending": "等待中",
    "failed": "错误",
    "completed": "已完成",
    "ready": "就绪",
    "not_ready": "未就绪",
    "one_restart": "重启 1 次",
    "many_restarts": "重启 %(count)s 次",
    "limit": "上限 %(quantity)s",
    "no_limit": "无上限",
    "no_metrics": "没有指标",
    "calls": "调用",
    "inferred": "推断",
    "port_clash": "端口冲突",
    "no_ports": "未声明端口",
    "outside": "Pod 之外",
    "sandbox": "Pod 沙箱",
    "no_service": "没有 Service 选择此 Pod",
    "undeclared": "没有容器声明 %(port)s",
    "one_writes": "%(names)s 写入",
    "many_write": "%(names)s 写入",
    "one_reads": "%(names)s 读取",
    "many_read": "%(names)s 读取",
    "not_mounted": "未挂载",
    "one_system_volume": "1 个系统卷",
    "runs_before": "先于其运行",
    "one_key": "1 个键",
    "many_keys": "%(count)s 个键",
    "memory": "内存",
    "cpu": "CPU",
}


def write(out: Path, theme: str, chinese: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "static").exists():
        (out / "static").symlink_to(STATIC)
    words = replace(Words(), **CHINESE) if chinese else Words()
    assert {field.name for field in fields(Words)} >= set(CHINESE)
    for name, (manifest, services, configmaps) in gallery().items():
        pod = manifests.read_pod(manifest, services=services, configmaps=configmaps)
        usage = {
            "app": Usage(118, 171 << 20),
            "nginx": Usage(9, 14 << 20),
            "oauth2-proxy-authenticator": Usage(3, 61 << 20),
        }
        placed = lay_out(pod, words, usage=usage if name == "five" else None)
        body = []
        for selected in (None, "v-data") if name == "reference" else (None,):
            picture = draw(placed, sprite="static/icons.svg", link=lambda i: f"?sel={i}", selected=selected)
            body.append(f'<div class="stage" data-diagram>{picture}</div>{draw_legend(placed, words)}')
        sheet = "".join(
            f'<link rel="stylesheet" href="static/css/{css}.css">' for css in ("tokens", "base", "diagram")
        )
        script = '<script type="module" src="static/js/diagram.js"></script>'
        head = f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">{sheet}{script}'
        page = f"{head}<body>{''.join(body)}</body></html>"
        suffix = f"{theme}{'-zh' if chinese else ''}"
        (out / f"{name}-{suffix}.html").write_text(page)
        (out / f"{name}-{suffix}.svg").write_text(
            draw_standalone(placed, theme, caption="shop/web · kind-dev · 2026-11-24 03:00 UTC")
        )


if __name__ == "__main__":
    arguments = [*sys.argv[1:], "light", ""]
    write(Path(arguments[0]), "dark" if "dark" in arguments else "light", "zh" in arguments)
