"""Papers of the coordinator for the scenes: one that is ready, one that still waits."""

from django.utils import timezone

from cases.rules.printing import PrintKind
from cases.services import printouts
from cases.services.printouts import Built


def build_printouts(world, case) -> dict[str, dict]:
    """What the addresses of papers name: "printout" is ready, "printing" waits."""
    now = timezone.now()
    given = {"kind": PrintKind.DOSSIER, "by": world.koordinator, "organisation": world.desk, "params": {}}
    ready = printouts.order(**given, now=now)
    file = Built(b"%PDF-1.7 kosong", "application/pdf", "pdf", [case.pk])
    printouts.make(ready, {PrintKind.DOSSIER: lambda row, step: file}, now=now, tells=False)
    waiting = printouts.order(**given, now=now)
    return {
        "printout": {"uuid": ready.uuid},
        "printing": {"uuid": waiting.uuid},
        "case+form": {"uuid": case.uuid, "form": "txt"},
    }
