"""Entry: `python tools/launcher COMMAND`, as the script ./relief calls it."""

import sys
from pathlib import Path

# Run as a folder, Python puts that folder first; we are imported from the project instead.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.launcher.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
