"""Print the installed versions as a constraints file, torch by its plain number and without local builds."""

from importlib.metadata import distributions

names = {d.metadata["Name"].lower().replace("_", "-"): d.version.split("+")[0] for d in distributions()}
for name in sorted(names):
    if name not in {"advisor", "pip", "setuptools", "wheel"}:
        print(f"{name}=={names[name]}")
