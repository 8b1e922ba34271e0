"""What pyproject.toml cannot say: a wheel carries the corpus and the prompts beside the code."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithData(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return  # a checkout reads its own folders
        for name in ("corpus", "prompts"):
            target = Path(self.build_lib) / "advisor" / f"_{name}"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(name, target, ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": WithData})
