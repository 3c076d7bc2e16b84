"""Deployment checks: what a forgotten `chmod` would give away."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register


@register(Tags.security, deploy=True)
def keys_are_private(app_configs: Any, **kwargs: Any) -> list[Warning]:
    """Master keys and the key store are read by the service's account, or its group, and by nobody else."""
    exposed = [path for path in (Path(settings.MASTER_KEYS), Path(settings.KEY_STORE)) if read_by_others(path)]
    return [
        Warning(
            f"Tout compte de la machine peut lire {path} : les clés des dossiers n’y protègent plus rien.",
            hint=f"chmod o-rwx {path}",
            id="prevenance.W002",
        )
        for path in exposed
    ]


def read_by_others(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO)
    except FileNotFoundError:
        return False
