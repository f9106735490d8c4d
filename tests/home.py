"""The tests' own home, made before anything reads the settings.

pytest-django reads the settings before any conftest is loaded, so this is a plugin named on pytest's command line
(`addopts` in pyproject.toml): a conftest would come too late, and the tests would run in the developer's own home.
"""

import os
import shutil
import tempfile

HOME = tempfile.mkdtemp(prefix="eigenform-test-")
os.environ["EIGENFORM_HOME"] = HOME
os.environ.pop("EIGENFORM_DEMO", None)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's synchronous API runs an event loop in this thread
os.environ.setdefault("EIGENFORM_LOG", "WARNING")


def pytest_unconfigure() -> None:
    """Take the home away again."""
    shutil.rmtree(HOME, ignore_errors=True)
