"""Every case that is there already can be found; a restricted one by its number alone."""

from django.db import migrations

from cases.rules.spelling import names_of, words_of

BATCH = 500


def fill(apps, schema_editor):
    Case, CaseParty, CaseWords, Event = (
        apps.get_model("cases", name) for name in ("Case", "CaseParty", "CaseWords", "Event")
    )
    pks = list(Case.objects.filter(is_restricted=False).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        some = pks[start : start + BATCH]
        names, texts = {pk: [] for pk in some}, {pk: [] for pk in some}
        for pk, name in CaseParty.objects.filter(case__in=some).values_list("case", "person__full_name"):
            names[pk].append(name)
        cases = list(Case.objects.filter(pk__in=some).select_related("place"))
        for case in cases:
            place = [case.place.name, case.place.aliases] if case.place else []
            texts[case.pk] += [case.title, *place, case.place_note, case.occurred_text, case.story]
        facts = Event.objects.filter(case__in=some, type__is_system=False).exclude(text="").order_by("pk")
        for pk, text in facts.values_list("case", "text"):
            texts[pk].append(text)
        CaseWords.objects.bulk_create(
            CaseWords(case=case, names=names_of(names[case.pk], case.initials), words=words_of(texts[case.pk]))
            for case in cases
        )


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_words_of_cases")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
