"""Lists brought in from a file: choose it, say what its columns mean, look at every problem, take it over, take it back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView, ListView

from members.forms.imports import ColumnsForm, ImportForm, RunForm, decisions_in
from members.models import AccessLog, Import, ImportRow
from members.rules.importing import FAULTS, guess
from members.rules.sheets import Fault
from members.services import imports
from members.services.import_targets import importable
from members.views.pages import ServicePage, address_of, log, or_404

PER_PAGE = 25
#: Seconds after which a page of a running import looks again, without any script.
LOOK_AGAIN = 4


class Gate:
    """For whoever may bring in lists, after the pledge where one is asked of them; for others there is no such page."""

    def dispatch(self, request, *args, **kwargs):
        refusal = gate(request)
        return refusal or super().dispatch(request, *args, **kwargs)


def gate(request: HttpRequest):
    """None, or the way to the pledge. Raises Http404 for whoever brings in no lists."""
    if not importable(request.user).exists():
        raise Http404
    if request.user.must_pledge:
        return redirect(f"{reverse('members:pledge')}?{urlencode({'next': reverse('members:imports')})}")
    return None


def import_or_404(request: HttpRequest, uuid) -> Import:
    """An import for an organisation for which this user may bring in lists."""
    return or_404(request, imports.mine(request.user), "import", uuid)


def page_of(batch: Import, anchor: str = "") -> str:
    """The page of an import: of its columns first, then of everything else."""
    name = "members:import-columns" if batch.state == Import.State.MAPPING else "members:import"
    return reverse(name, args=[batch.uuid]) + anchor


class ImportList(Gate, ListView):
    """What was brought in, newest first."""

    template_name = "members/imports.html"
    paginate_by = PER_PAGE
    context_object_name = "imports"

    def get_queryset(self):
        return imports.mine(self.request.user)


class ImportAdd(Gate, ServicePage):
    """The first step: what kind of list, for whom, and the file."""

    form_class = ImportForm
    template_name = "members/import_add.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user}

    def save(self, form):
        given = form.cleaned_data
        batch = imports.start(
            kind=given["kind"],
            data=given["file"].read(),
            organisation=given["organisation"],
            by=self.request.user,
            submit_key=given["submit_key"],
        )
        return redirect(page_of(batch))


class ImportColumns(Gate, ServicePage):
    """The second step: which column is what; guessed from the headings, and changed where the guess is wrong."""

    form_class = ColumnsForm
    template_name = "members/import_columns.html"

    def dispatch(self, request, *args, **kwargs):
        if refusal := gate(request):
            return refusal
        self.batch = import_or_404(request, kwargs["uuid"])
        if self.batch.is_working or self.batch.has_ended or not self.batch.stored_name:
            return redirect("members:import", uuid=self.batch.uuid)
        try:
            self.look = self._look()
        except (ValidationError, FileNotFoundError):
            messages.error(request, _("There is no such sheet or row in this file."))
            self.looks_again = False
            self.look = imports.look(self.batch)
        return super().dispatch(request, *args, **kwargs)

    def _look(self):
        given = self.request.POST
        sheet, row = (_number(given.get(name)) for name in ("sheet", "head_row"))
        sheet = self.batch.sheet if sheet is None else sheet
        self.looks_again = given.get("step") == "look"
        moved = sheet != self.batch.sheet
        # Another sheet has its headings elsewhere, unless somebody says where.
        named = row if row and (not moved or row != self.batch.head_row) else None
        return imports.look(self.batch, sheet=sheet, head_row=named)

    def get_form(self, form_class=None):
        if self.looks_again:
            return ColumnsForm(
                batch=self.batch,
                look=self.look,
                initial=self.initial_of(guess(self.batch.kind, self.look.head.headers)),
            )
        return super().get_form(form_class)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "batch": self.batch, "look": self.look}

    def get_initial(self):
        return self.initial_of(self.batch.mapping)

    def initial_of(self, mapping: dict) -> dict:
        sheet = _number(self.request.POST.get("sheet"))
        return {
            "sheet": self.batch.sheet if sheet is None else sheet,
            "head_row": self.look.head.row,
            **{f"kolom_{code}": str(at) for code, at in mapping.items()},
        }

    def post(self, request, *args, **kwargs):
        if self.looks_again:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(batch=self.batch, look=self.look, **kwargs)
        chosen = {str(field.value()) for field in context["form"].columns}
        headers = self.look.head.headers
        context["unused"] = [name for at, name in enumerate(headers) if name and str(at) not in chosen]
        return context

    def save(self, form):
        batch = imports.choose_columns(
            batch=self.batch,
            mapping=form.mapping,
            head=self.look.head,
            sheet=form.cleaned_data.get("sheet", 0),
            by=self.request.user,
        )
        imports.work_at_once(batch, now=timezone.now())
        return redirect("members:import", uuid=batch.uuid)


def _number(text) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None


class ImportPage(Gate, FormView):
    """The third to fifth step: every problem by row, the run with its progress, what came of it."""

    form_class = RunForm
    template_name = "members/import.html"
    http_method_names = ["get", "head", "options"]

    def dispatch(self, request, *args, **kwargs):
        if refusal := gate(request):
            return refusal
        self.batch = import_or_404(request, kwargs["uuid"])
        if self.batch.state == Import.State.MAPPING:
            return redirect("members:import-columns", uuid=self.batch.uuid)
        response = super().dispatch(request, *args, **kwargs)
        if self.batch.is_working:
            response["Refresh"] = str(LOOK_AGAIN)
        return response

    def get(self, request, *args, **kwargs):
        if not self.batch.is_working and not self.batch.cleared_at:
            log(request, AccessLog.Action.ADMIN_VIEW, kind="import", uuid=self.batch.uuid)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        self.counts = imports.counts(self.batch)
        kwargs = super().get_form_kwargs()
        return {**kwargs, "open_rows": self.counts.get("open", 0), "refused": self.counts.get("refused", 0)}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        batch = self.batch
        context |= {
            "batch": batch,
            "counts": self.counts,
            "done": imports.progress(batch),
            "fault": fault_words(batch.fault),
            "shows": _shows(self.request.GET.get("lihat", ""), self.counts),
            "may_undo": batch.state in {Import.State.DONE, Import.State.FAILED} and bool(self.counts.get("done")),
        }
        if not batch.is_working and not batch.cleared_at and batch.state != Import.State.CANCELLED:
            page = Paginator(self._rows(context["shows"]), PER_PAGE).get_page(self.request.GET.get("page"))
            context |= {"page_obj": page, "rows": imports.told(batch, list(page))}
        return context

    def _rows(self, shows: dict[str, bool]):
        rows = self.batch.rows.order_by("number")
        if shows["likely"]:
            return rows.filter(match=ImportRow.Match.LIKELY).exclude(state=ImportRow.State.REFUSED)
        if shows["warned"]:
            return rows.filter(has_warning=True).exclude(state=ImportRow.State.REFUSED)
        if shows["all"]:
            return rows
        return rows.filter(state__in=[ImportRow.State.REFUSED, ImportRow.State.KEPT])


def _shows(asked: str, counts: dict) -> dict[str, bool]:
    """Which rows are listed: what is asked for, else what somebody has to look at first."""
    lists = {"ditolak": "refused", "mirip": "likely", "catatan": "warned", "semua": "all"}
    first = "refused" if counts.get("refused") or counts.get("kept") else "likely" if counts.get("open") else "all"
    return {name: lists.get(asked, first) == name for name in lists.values()}


def fault_words(fault: str) -> str:
    """Why an import stopped, as a sentence."""
    if fault in FAULTS:
        return str(FAULTS[Fault(fault)])
    return {
        "": "",
        "conflict": _(
            "While it ran, a row turned out to be refused, so nothing was taken over. Look at the rows again."
        ),
        "no_right": _("Whoever started it may no longer bring in lists for this organisation."),
        "gone": _("The file is no longer there. Send it again."),
        "tries": _("It failed three times. Tell the admin."),
    }.get(fault, fault)


@require_POST
def decide(request, uuid):
    """Keep what was chosen for single rows."""
    if refusal := gate(request):
        return refusal
    batch = import_or_404(request, uuid)
    return _do(request, batch, "?lihat=mirip#baris", imports.decide, decisions=decisions_in(request.POST))


@require_POST
def run(request, uuid):
    """Have the rows taken over."""
    if refusal := gate(request):
        return refusal
    batch = import_or_404(request, uuid)
    form = RunForm(request.POST, open_rows=1, refused=0)
    if not form.is_valid():
        messages.error(request, _("Choose what is taken over."))
        return redirect(page_of(batch, "#jalankan"))
    given = form.cleaned_data
    return _do(request, batch, "", imports.run, mode=given["mode"], likely=given["likely"])


@require_POST
def undo(request, uuid):
    """Have everything taken back."""
    if refusal := gate(request):
        return refusal
    return _do(request, import_or_404(request, uuid), "", imports.undo)


@require_POST
def cancel(request, uuid):
    """Throw the file away."""
    if refusal := gate(request):
        return refusal
    return _do(request, import_or_404(request, uuid), "", imports.cancel)


def _do(request, batch: Import, anchor: str, act, **given):
    try:
        done = act(batch=batch, by=request.user, **given)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(page_of(batch))
    if isinstance(done, Import):
        imports.work_at_once(done, now=timezone.now())
    return redirect(page_of(batch, anchor))


@require_safe
def refused_rows(request, uuid):
    """The refused rows with the reasons, to be mended and sent again. The export is logged."""
    if refusal := gate(request):
        return refusal
    batch = import_or_404(request, uuid)
    if batch.cleared_at or batch.is_working or batch.state == Import.State.MAPPING:
        raise Http404
    lines = imports.refused_file(batch, by=request.user, address=address_of(request))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="impor-{str(batch.uuid)[:8]}-ditolak.csv"'
    response["Cache-Control"] = "no-store"
    return response
