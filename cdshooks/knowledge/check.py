"""`python -m cdshooks.knowledge.check [FOLDER]`: the check without the command line tool."""

import sys
from pathlib import Path

from cdshooks.knowledge.load import check

if __name__ == "__main__":
    found = check(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    sys.stdout.write("".join(f"{problem}\n" for problem in found))
    sys.exit(1 if found else 0)
