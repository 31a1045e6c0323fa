"""Photos of a gathering: added one by one or several at once, shown small, opened, removed."""

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from members.forms.uploads import PhotoForm
from members.models import AccessLog, Gathering, GatheringPhoto, User
from members.services import gathering_photos, gatherings
from members.views.pages import gathering_or_404, log, or_404
from members.views.uploads import UploadPage, file_or_404, locked


@dataclass
class Photo:
    """A photo on the page."""

    row: GatheringPhoto
    at: int
    may_remove: bool


def photos_context(gathering: Gathering, user: User) -> dict:
    """What `members/_photos.html` needs; a guest of a shared meeting gets nothing."""
    if not gatherings.belonging_to(user).filter(pk=gathering.pk).exists():
        return {}
    rows = list(gathering.photos.all())
    mine = set(gathering_photos.removable_by(user).filter(gathering=gathering).values_list("pk", flat=True))
    return {
        "sees_photos": True,
        "photos": [Photo(row, at, row.pk in mine) for at, row in enumerate(rows, 1)],
        "may_add_photos": gathering_photos.may_add(gathering, user),
        "photos_full": len(rows) >= gathering_photos.MOST_PER_GATHERING,
        "photo_key": uuid4(),
    }


class PhotoAdd(UploadPage):
    """Add photos of a gathering."""

    form_class = PhotoForm
    template_name = "members/gathering_photos.html"
    choose_first = gettext_lazy("Choose a photo first.")

    def dispatch(self, request, *args, **kwargs):
        self.gathering = gathering_or_404(request, kwargs["uuid"])
        if request.user.is_authenticated and not gathering_photos.may_add(self.gathering, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = photos_context(self.gathering, self.request.user)
        return super().get_context_data(gathering=self.gathering, **context, **kwargs)

    def get_success_url(self):
        return photos_url(self.gathering)

    def keep(self, form, upload, key):
        return gathering_photos.add(
            gathering=self.gathering,
            upload=upload,
            by=self.request.user,
            title=form.cleaned_data["title"],
            sha256_phone=form.cleaned_data["sha256"],
            submit_key=key,
        )

    def shown(self, row):
        photos = photos_context(self.gathering, self.request.user)["photos"]
        photo = next(each for each in photos if each.row.pk == row.pk)
        return render_to_string("members/_photo.html", {"photo": photo}, self.request)


def photos_url(gathering: Gathering) -> str:
    """The photos on the page of a gathering."""
    return f"{reverse('members:gathering', args=[gathering.uuid])}#foto"


def photo_or_404(request, uuid) -> GatheringPhoto:
    """The photo, where this user belongs to its gathering."""
    rows = gathering_photos.seen_by(request.user).select_related("gathering")
    return or_404(request, rows, "gathering_photo", uuid)


@require_safe
def photo(request, uuid):
    """The photo as we keep it. The opening is logged."""
    row = photo_or_404(request, uuid)
    data = file_or_404(gathering_photos.content, row)
    log(request, AccessLog.Action.DOWNLOAD, kind="gathering_photo", uuid=row.uuid)
    response = locked(data, "image/jpeg")
    number = row.gathering.photos.filter(pk__lte=row.pk).count()
    response["Content-Disposition"] = f'inline; filename="foto-{number}.jpg"'
    return response


@require_safe
def thumbnail(request, uuid):
    """The small picture of a photo."""
    return locked(file_or_404(gathering_photos.thumbnail, photo_or_404(request, uuid)), "image/webp")


@require_POST
def remove(request, uuid):
    """Take a photo away for good: by the one who added it, or who runs the gathering."""
    row = or_404(
        request, gathering_photos.removable_by(request.user).select_related("gathering"), "gathering_photo", uuid
    )
    gathering_photos.remove(row)
    messages.success(request, _("The photo is removed."))
    return redirect(photos_url(row.gathering))
