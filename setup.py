"""The folders beside the packages travel inside `dashboard`; everything else stands in pyproject.toml."""

from setuptools import find_namespace_packages, setup

FOLDERS = {"dashboard.templates": "templates", "dashboard.static": "static"}

setup(
    packages=[*find_namespace_packages(include=["dashboard*", "sidecars*"]), *FOLDERS],
    package_dir=FOLDERS,
    package_data={"": ["**/*"]},
    include_package_data=False,
)
