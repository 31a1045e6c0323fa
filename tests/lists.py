"""A list brought in, as the coordinator of the desk finds it ready to look at: rows in order, refused, with a note."""

from django.utils import timezone

from members.models import Import
from members.services import imports

LIST = "\r\n".join(
    [
        "DAFTAR ANGGOTA",
        "Nama Lengkap;No. KTP;No. HP/WA;Tgl Lahir;L/P;Agama",
        "Siti Rahmawati;3515014107850002;0812 3456 7890;1 Juli 1985;P;-",
        "Budi Santoso;1,2E+15;;12/03/1990;L;-",
        "Dewi Lestari;;;31/02/1990;P;-",
        "Agus Salim;35150112;;3/5/90;L;-",
    ]
)


def build_import(world) -> Import:
    """For the desk, read and ready, nothing of it taken over."""
    batch = imports.start(kind="members", data=LIST.encode(), organisation=world.desk, by=world.koordinator)
    imports.choose_columns(batch=batch, mapping=batch.mapping, head=imports.look(batch).head, by=world.koordinator)
    imports.work_on(Import.objects.get(pk=batch.pk), now=timezone.now())
    return Import.objects.get(pk=batch.pk)
