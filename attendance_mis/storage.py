"""Static files in production: hashed names, compressed, and script modules that import each other by hashed name."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """A browser keeps every file for good, so a module of ours must not find last year's neighbour."""

    support_js_module_import_aggregation = True
    # Ours only: a library's file may speak of modules it does not bring.
    _js_module_import_aggregation_patterns = (
        "registers/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]
    )
