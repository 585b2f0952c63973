"""The bills of materials, as CycloneDX 1.6.

    python .ci/sbom.py bundled           the data and models inside the package, into the package
    python .ci/sbom.py all PYTHON FILE   everything that an environment has, with these

The first is made from src/whowhom/data/bundled.toml and goes into the wheel's folder sboms
(PEP 770); the second takes what cyclonedx-py finds in the environment of PYTHON, in which the
wheel is installed. Both are the same bytes for the same input. Needs pip install '.[release]'.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "whowhom"
BUNDLED = PACKAGE / "data" / "bundled.cdx.json"


def parts() -> list[dict[str, Any]]:
    """The components that lie inside the package, with the hash of each of their files."""
    listed = tomllib.loads((PACKAGE / "data" / "bundled.toml").read_text(encoding="utf-8"))
    return [
        {
            "type": part["kind"],
            "bom-ref": f"bundled:{part['name']}",
            "name": part["name"],
            "version": part["version"],
            "licenses": [{"license": {"id": part["licence"]}}],
            "copyright": part["copyright"],
            "externalReferences": [{"type": "website", "url": part["url"]}],
            "components": [
                {
                    "type": "file",
                    "bom-ref": f"file:whowhom/{name}",
                    "name": f"whowhom/{name}",
                    "hashes": [
                        {
                            "alg": "SHA-256",
                            "content": hashlib.sha256((PACKAGE / name).read_bytes()).hexdigest(),
                        }
                    ],
                }
                for name in part["files"]
            ],
        }
        for part in listed["part"]
    ]


def bundled() -> str:
    """The bill of what lies inside the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = {
        "type": "library",
        "bom-ref": "whowhom",
        "name": "whowhom",
        "version": project["version"],
        "purl": f"pkg:pypi/whowhom@{project['version']}",
    }
    found = parts()
    return write(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": root},
            "components": found,
            "dependencies": [{"ref": "whowhom", "dependsOn": [p["bom-ref"] for p in found]}],
        }
    )


def everything(python: str) -> str:
    """The bill of an environment: its packages, whowhom the first of them, and what is in that."""
    made = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", "--no-validate",
         "--output-reproducible",
         "--spec-version", "1.6", "--pyproject", str(ROOT / "pyproject.toml"),
         "--mc-type", "library", python],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    bill = json.loads(made.stdout)
    # installers are of the environment, not of the tool
    bill["components"] = [c for c in bill["components"] if c["name"] not in {"pip", "setuptools"}]
    kept = {c["bom-ref"] for c in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    bill["dependencies"] = [d for d in bill["dependencies"] if d["ref"] in kept]
    # a purl says where a package is from; its links besides take half a second each to validate,
    # and name folders of the machine that this ran on
    for component in [bill["metadata"]["component"], *bill["components"]]:
        component.pop("externalReferences", None)
    bill["components"] += parts()
    return write(bill)


def write(bill: dict[str, Any]) -> str:
    """The bill as text.

    Raises:
        ValueError: it is no valid CycloneDX.
    """
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    references = [part["bom-ref"] for part in bill["components"]]
    if len(set(references)) < len(references):
        raise ValueError("not CycloneDX 1.6: a component is there twice")
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    # the schema compares all components with each other: by tens that takes a second, not minutes
    for start in range(0, max(len(references), len(bill["dependencies"])), 10):
        some = bill | {key: bill[key][start : start + 10] for key in ("components", "dependencies")}
        if wrong := validator.validate_str(json.dumps(some)):
            raise ValueError(f"not CycloneDX 1.6: {wrong}")
    return json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    match sys.argv[1:]:
        case ["bundled"]:
            BUNDLED.write_text(bundled(), encoding="utf-8")
        case ["all", python, target]:
            Path(target).write_text(everything(python), encoding="utf-8")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
