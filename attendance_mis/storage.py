"""Static files in production: hashed names, compressed, and script modules that import each other by hashed name."""

import re

from django.contrib.staticfiles.storage import HashedFilesMixin
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """A browser keeps every file for good, so a module of ours must not find last year's neighbour."""

    support_js_module_import_aggregation = True
    # Ours only: a library's file may speak of modules it does not bring.
    _js_module_import_aggregation_patterns = (
        "registers/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]
    )


class StaticFiles(WhiteNoiseMiddleware):
    """While two releases serve side by side, a page of one asks the other for its files by their hashed names.

    Whoever does not have that one gives its own file of the name, kept for a minute instead of for good: a page without
    its script would be a register that cannot be taken.
    """

    HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The file; of a hashed name that is not known, the file without the hash."""
        path = request.path_info
        is_file = path.startswith(self.static_prefix) and not self.autorefresh
        if is_file and path not in self.files and (own := self.files.get(self.HASH.sub("", path))):
            return self.serve(own, request)
        return super().__call__(request)
