"""An empty database migrated, in seconds.

./.venv/bin/python -m benchmarks.migrate
"""

import argparse
import os
import subprocess
import sys
import time

from yuquan_relief.embedded import servers


def main() -> None:
    """Create, migrate, drop; print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with servers("bench"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuquan_relief.settings")
        from tests import databases
        from yuquan_relief.embedded import prepare_database

        name = f"migrate_{os.getpid()}"
        databases.as_owner(f'CREATE DATABASE "{name}"')
        prepare_database(databases.owner_url(name))
        environment = {
            **os.environ,
            "DATABASE_OWNER_URL": databases.owner_url(name),
            "DATABASE_URL": databases.app_url(name),
        }
        start = time.perf_counter()
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        print(f"空数据库迁移：{time.perf_counter() - start:.1f} 秒（上限 20）")
        databases.drop(name)


if __name__ == "__main__":
    main()
