"""Every pattern that the package compiles until it is ready to answer, as a list in JSON."""

import importlib
import json
import pkgutil
import re
import sys


def main():
    compiled, original = set(), re._compile

    def recorded(pattern, flags):
        caller = sys._getframe(2).f_code.co_filename
        if "/cdshooks/" in caller and isinstance(pattern, str | bytes):
            text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
            compiled.add((text, int(flags), caller.rpartition("/cdshooks/")[2]))
        return original(pattern, flags)

    re._compile = recorded
    package = importlib.import_module("cdshooks")
    for module in pkgutil.walk_packages(package.__path__, "cdshooks."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    importlib.import_module("cdshooks.engine").Engine.load()
    print(json.dumps(sorted(compiled)))


if __name__ == "__main__":
    main()
