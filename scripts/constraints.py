"""Print the versions of what `advisor[dev]` needs, as installed: a constraints file without local builds."""

from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(name: str, extras: frozenset[str], seen: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """(name, extra) → version of a distribution and of everything that it requires here."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return seen
    for extra in ("", *sorted(extras)):
        if (name, extra) in seen:
            continue
        seen[name, extra] = found.version.split("+")[0]
        for line in found.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                needed(canonicalize_name(requirement.name), frozenset(requirement.extras), seen)
    return seen


versions = {name: version for (name, _), version in needed("advisor", frozenset({"dev"}), {}).items()}
print("\n".join(f"{name}=={versions[name]}" for name in sorted(versions) if name not in {"advisor", "setuptools"}))
