"""Which builder makes which kind of paper; the worker asks here."""

from cases.reports import batch_letters, dossier, recap, review
from cases.rules.printing import PrintKind
from cases.services.printouts import Builders

BUILDERS: Builders = {
    PrintKind.DOSSIER: dossier.build,
    PrintKind.RECAP: recap.build,
    PrintKind.PACK: recap.build_pack,
    PrintKind.REVIEW: review.build,
    PrintKind.LETTERS: batch_letters.build,
}
