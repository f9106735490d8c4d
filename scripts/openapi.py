"""Write docs/openapi.json: what /api/v1/openapi.json serves."""

import json
import os
import tempfile
from pathlib import Path

os.environ["EIGENFORM_HOME"] = tempfile.mkdtemp()
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

import django

django.setup()

from eigenform.api.site import api

text = json.dumps(api.get_openapi_schema(), indent=1, sort_keys=True, default=str, ensure_ascii=False)
(Path(__file__).parents[1] / "docs" / "openapi.json").write_text(text + "\n", encoding="utf-8")
