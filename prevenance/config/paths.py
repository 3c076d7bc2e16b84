"""Where things lie: the project, its variable data, its reference data."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parent
DATA = PACKAGE / "data"
VAR = Path(os.environ.get("PREVENANCE_VAR") or ROOT / "var")
