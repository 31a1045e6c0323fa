"""Static files under the hash of what they hold, the files that our scripts import included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Also rewrites `import … from "./x.js"`, so that a module is never older than the one that asks for it."""

    support_js_module_import_aggregation = True
