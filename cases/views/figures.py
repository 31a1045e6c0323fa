"""The page of figures, its files, and what is known of an institution."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from cases.forms.figures import PERIODS, FiguresForm, PeopleForm
from cases.reports import figure_page, figures, institution
from cases.reports.breakdowns import CHOOSABLE, DIMENSIONS
from cases.reports.figures import Period
from cases.views.gate import log
from members.models import AccessLog, Body
from members.reports import tables
from members.services import advocates

PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Figures:
    """What page and files share: the reader, the form, the numbers as they are told."""

    def __init__(self, request: HttpRequest):
        reader = figure_page.reader_of(request.user, beyond=request.GET.get("lingkup") == "angka")
        if reader is None:
            raise Http404
        self.reader = reader
        self.form = FiguresForm(request.GET, reader=reader, now=timezone.now())
        self.period = self.form.period
        numbers = figure_page.read(reader, self.form.cases(), self.period, self.form.dimension, key=self.form.key)
        self.teller = figure_page.Teller(numbers, self.period, opens=reader.opens, address=self.behind)

    def behind(
        self, code: str, *, group: str = "", period: Period | None = None, body: str = "", people: str = ""
    ) -> str:
        """The list behind a number, of cases or of those who carry them; or the page of an institution."""
        if body:
            return reverse("cases:institution", args=[body])
        if people:
            query = {"hitung": people, "pada": self.period.last.isoformat()}
            return f"{reverse('cases:figure-people')}?{urlencode(query)}"
        period = period or self.period
        query = {
            **self.form.address(),
            "angka": code,
            "dari": period.first.isoformat(),
            "sampai": period.last.isoformat(),
        }
        if group:
            query["kelompok"] = group
        return f"{reverse('cases:case-list')}?{urlencode(query)}"


class FiguresPage(TemplateView):
    """Counts of the reach: tiles, pictures, tables, each number with the list behind it where it may be opened."""

    template_name = "cases/figures.html"

    def get_context_data(self, **kwargs):
        made = _Figures(self.request)
        form, reader = made.form, made.reader
        names = [name for name in PERIODS if reader.opens or name != "30"]
        page = made.teller.page()
        return super().get_context_data(
            form=form,
            reader=reader,
            period=made.period,
            tiles=page.tiles,
            sections=page.sections,
            permission=made.teller.permission,
            periods=[
                {
                    "label": PERIODS[name][0],
                    "url": _address(self.request, periode=name, dari="", sampai=""),
                    "on": name == form.named_period,
                }
                for name in names
            ],
            dimensions=[
                {
                    "label": DIMENSIONS[code].label,
                    "url": _address(self.request, bagi=code) + "#kelompok",
                    "on": code == form.dimension,
                }
                for code in CHOOSABLE
            ],
            clear_url=_address(self.request, **dict.fromkeys([*form.filters, "dari", "sampai"], "")),
            xlsx_url=_export(self.request, "xlsx"),
            csv_url=_export(self.request, "csv"),
            open_url=_address(self.request, lingkup=""),
            beyond_url=_address(self.request, lingkup="angka"),
            **kwargs,
        )


def at_home(request: HttpRequest) -> dict:
    """What a leader sees first: tiles and the months."""
    made = _Figures(request)
    page = made.teller.page()
    return {"period": made.period, "tiles": page.tiles, "sections": page.sections[:2]}


class InstitutionPage(TemplateView):
    """What is known of one facility, office or employer."""

    template_name = "cases/institution.html"

    def get_context_data(self, **kwargs):
        request = self.request
        reader = institution.reader_for(request.user, beyond=request.GET.get("lingkup") == "angka")
        if reader is None:
            raise Http404
        body = get_object_or_404(Body.objects.select_related("region", "merged_into"), uuid=self.kwargs["uuid"])
        body = body.merged_into or body
        period = institution.twelve_months(timezone.now(), request.user.zone)

        def behind(code: str, *, group: str = "", problem: str = "", state: str = "") -> str:
            if code == "list":
                return reverse("cases:case-list")
            if code == "janji":
                chosen = {"lihat": "selesai", "keadaan": state} if state else {}
                return f"{reverse('cases:commitments')}?{urlencode({'kantor': body.uuid, **chosen})}"
            query = {
                "angka": code,
                "dari": period.first.isoformat(),
                "sampai": period.last.isoformat(),
                "kelompok": f"jenis:{problem}" if problem else group,
            }
            if problem:
                query["tempat"] = str(body.uuid)
            return f"{reverse('cases:case-list')}?{urlencode(query)}"

        telling = figure_page.Telling(period, opens=reader.opens, address=behind)
        return super().get_context_data(
            body=body,
            period=period,
            reader=reader,
            found=institution.of(reader, body, telling),
            open_url=request.path,
            beyond_url=f"{request.path}?lingkup=angka",
            **kwargs,
        )


class FigurePeople(TemplateView):
    """Those behind a number of "who carries the cases", for who coordinates them; to others it does not exist."""

    template_name = "cases/figure_people.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        reader = figure_page.reader_of(user)
        if reader is None or not reader.opens:
            raise Http404
        form = PeopleForm(self.request.GET, now=timezone.now(), zone=user.zone)
        meant = figures.serving(figures.units_of(user, opens=True), form.period).filter(form.meant)
        page = Paginator(meant.order_by("full_name", "pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        may_open = set(
            advocates.volunteers_of(user).filter(pk__in=[row.pk for row in page]).values_list("pk", flat=True)
        )
        return super().get_context_data(
            heading=form.said,
            day=form.period.last,
            page_obj=page,
            rows=[(row, row.pk in may_open) for row in page],
            back_url=f"{reverse('cases:figures')}#relawan",
            **kwargs,
        )


def figures_file(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Every table of the page as one workbook, or one table as CSV."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if not request.user.is_authenticated:
        raise Http404
    sections = _Figures(request).teller.page().sections
    wanted = request.GET.get("tabel", "")
    if request.GET.get("bentuk") == "csv":
        chosen = next((section for section in sections if section.code == wanted), None)
        if chosen is None:
            raise Http404
        _log(request, f"figures:{chosen.code}", [chosen.table])
        return StreamingHttpResponse(
            tables.csv_lines(chosen.table),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="angka-{chosen.code}.csv"'},
        )
    made = [section.table for section in sections]
    _log(request, "figures", made)
    return HttpResponse(
        tables.xlsx(made), content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="angka.xlsx"'}
    )


def _log(request: HttpRequest, reason: str, made: Iterable[tables.Table]) -> None:
    log(
        request, AccessLog.Action.EXPORT, kind="figures", reason=reason, hits=sum(len(list(each.rows)) for each in made)
    )


def _address(request: HttpRequest, **changes: str) -> str:
    query = {name: value for name, value in request.GET.items() if value}
    query.update(changes)
    wanted = urlencode({name: value for name, value in query.items() if value})
    return f"{reverse('cases:figures')}?{wanted}" if wanted else reverse("cases:figures")


def _export(request: HttpRequest, form: str) -> str:
    query = {name: value for name, value in request.GET.items() if value}
    return f"{reverse('cases:figures-file')}?{urlencode({**query, 'bentuk': form})}"
