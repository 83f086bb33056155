"""Stands where a page is being built."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


async def page(request: HttpRequest, ctx: str, **parts: str) -> HttpResponse:
    return render(request, "placeholder.html", {"ctx": ctx})
