import django.db.models.deletion
import django.utils.timezone
import members.models.fields
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_access_log_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sector",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=80, verbose_name="name in English")),
                ("is_informal", models.BooleanField(default=False, verbose_name="mostly informal")),
            ],
            options={
                "verbose_name": "sector",
                "verbose_name_plural": "sectors",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Vulnerability",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=80, verbose_name="name in English")),
            ],
            options={
                "verbose_name": "vulnerability",
                "verbose_name_plural": "vulnerabilities",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="body",
            name="code",
            field=models.SlugField(blank=True, editable=False, max_length=60, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="body",
            name="email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="public e-mail"),
        ),
        migrations.AddField(
            model_name="body",
            name="website",
            field=models.CharField(blank=True, max_length=120, verbose_name="website"),
        ),
        migrations.AddField(
            model_name="historicalbody",
            name="code",
            field=models.SlugField(blank=True, editable=False, max_length=60, null=True),
        ),
        migrations.AddField(
            model_name="historicalbody",
            name="email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="public e-mail"),
        ),
        migrations.AddField(
            model_name="historicalbody",
            name="website",
            field=models.CharField(blank=True, max_length=120, verbose_name="website"),
        ),
        migrations.AddField(
            model_name="historicalorganisation",
            name="code",
            field=models.SlugField(blank=True, editable=False, max_length=60, null=True),
        ),
        migrations.AddField(
            model_name="historicalorganisation",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="members.organisation",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="code",
            field=models.SlugField(blank=True, editable=False, max_length=60, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="organisation",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.organisation",
            ),
        ),
        migrations.CreateModel(
            name="HistoricalBoardTerm",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="For example: 2023–2028", max_length=80, verbose_name="period"
                    ),
                ),
                ("decree", models.CharField(blank=True, max_length=80, verbose_name="decree (SK) number")),
                (
                    "from_on",
                    models.DateField(blank=True, help_text="Empty: not known.", null=True, verbose_name="from"),
                ),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical board term",
                "verbose_name_plural": "historical board terms",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalOffice",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("title", models.CharField(help_text="For example: Ketua Umum", max_length=120, verbose_name="office")),
                ("field", models.CharField(blank=True, max_length=120, verbose_name="field (bidang)")),
                (
                    "from_on",
                    models.DateField(blank=True, help_text="Empty: not known.", null=True, verbose_name="from"),
                ),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                ("is_spokesperson", models.BooleanField(default=False, verbose_name="speaks for it")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "body",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.body",
                        verbose_name="body",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical office holder",
                "verbose_name_plural": "historical office holders",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRegistration",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.CharField(blank=True, max_length=80, verbose_name="registration number")),
                (
                    "registered_on",
                    models.DateField(
                        blank=True, help_text="Empty: not known.", null=True, verbose_name="registered on"
                    ),
                ),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="document number")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.body",
                        verbose_name="office",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="members.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical registration",
                "verbose_name_plural": "historical registrations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "number",
                    members.models.fields.EncryptedTextField(blank=True, verbose_name="family card number (KK)"),
                ),
                ("number_hash", models.CharField(blank=True, db_index=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="members.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "household",
                "verbose_name_plural": "households",
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(blank=True, max_length=80, verbose_name="registration number")),
                (
                    "registered_on",
                    models.DateField(
                        blank=True, help_text="Empty: not known.", null=True, verbose_name="registered on"
                    ),
                ),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="document number")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="members.body",
                        verbose_name="office",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="registrations",
                        to="members.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "registration",
                "verbose_name_plural": "registrations",
                "ordering": ["-registered_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="BoardTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="For example: 2023–2028", max_length=80, verbose_name="period"
                    ),
                ),
                ("decree", models.CharField(blank=True, max_length=80, verbose_name="decree (SK) number")),
                (
                    "from_on",
                    models.DateField(blank=True, help_text="Empty: not known.", null=True, verbose_name="from"),
                ),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="board_terms",
                        to="members.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "board term",
                "verbose_name_plural": "board terms",
                "ordering": ["-from_on", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on__isnull", True),
                            ("from_on__isnull", True),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="board_term_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BodyFix",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("values", models.JSONField(default=dict, verbose_name="new values")),
                ("why", models.CharField(max_length=300, verbose_name="how do you know")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("accepted", "Accepted"), ("declined", "Declined")],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="answer")),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("submit_key", models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fixes",
                        to="members.body",
                        verbose_name="body",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "proposed fix",
                "verbose_name_plural": "proposed fixes",
                "ordering": ["-proposed_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="fix_decided_by_and_at_together",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CoverRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "programme",
                    models.CharField(
                        choices=[
                            ("JKN", "JKN (BPJS Kesehatan)"),
                            ("JKK", "JKK"),
                            ("JKM", "JKM"),
                            ("JHT", "JHT"),
                            ("JP", "JP"),
                            ("JKP", "JKP"),
                        ],
                        max_length=3,
                        verbose_name="programme",
                    ),
                ),
                (
                    "segment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PBI_JK", "PBI-JK (central government)"),
                            ("PBPU_PEMDA", "PBPU Pemda (the region, UHC)"),
                            ("PPU_BU", "PPU, private employer"),
                            ("PPU_PN", "PPU, state"),
                            ("PPU_TAMB", "PPU, further family"),
                            ("PBPU", "PBPU (pays alone)"),
                            ("BP", "BP (not a worker)"),
                            ("PU", "PU (wage earner, by the employer)"),
                            ("BPU", "BPU (informal, pays alone)"),
                            ("PMI", "PMI (works abroad)"),
                        ],
                        max_length=12,
                        verbose_name="segment",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("AKTIF", "Active"),
                            ("NONAKTIF_MENUNGGAK", "Inactive: arrears"),
                            ("NONAKTIF_MUTASI", "Inactive: dropped from a segment"),
                            ("NONAKTIF_PBI_DIHAPUS", "Inactive: PBI dropped"),
                            ("NONAKTIF_PHK_HABIS", "Inactive: six months after layoff are over"),
                            ("NONAKTIF_NIK", "Inactive: NIK does not match"),
                            ("BELUM_TERDAFTAR", "Not registered"),
                            ("MENINGGAL", "Recorded as died"),
                            ("MASA_DENDA", "Active, in the 45 days of the fine"),
                            ("TIDAK_DIKETAHUI", "Not known"),
                        ],
                        default="TIDAK_DIKETAHUI",
                        max_length=24,
                        verbose_name="state",
                    ),
                ),
                ("class_of_right", models.CharField(blank=True, max_length=10, verbose_name="class")),
                (
                    "reported_wage",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="reported wage"
                    ),
                ),
                (
                    "real_wage",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="real wage"
                    ),
                ),
                ("paid_until", models.DateField(blank=True, null=True, verbose_name="paid until")),
                ("agent", models.CharField(blank=True, max_length=120, verbose_name="agent (Perisai)")),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                ("checked_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="checked on")),
                (
                    "checked_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("app", "In the app (Mobile JKN, JMO)"),
                            ("office", "At the office"),
                            ("phone", "By phone or WhatsApp of the office"),
                            ("paper", "On a card, slip or receipt"),
                            ("employer", "The employer said so"),
                            ("told", "The member said so"),
                        ],
                        max_length=10,
                        verbose_name="checked how",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("logged_at", models.DateTimeField(auto_now_add=True)),
                (
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to="members.body",
                        verbose_name="employer",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.body",
                        verbose_name="first facility (FKTP)",
                    ),
                ),
                (
                    "logged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="covers",
                        to="members.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "cover",
                "verbose_name_plural": "covers",
                "ordering": ["programme", "-checked_on", "-pk"],
                "indexes": [
                    models.Index(fields=["person", "programme", "-checked_on"], name="cover_of_person"),
                    models.Index(
                        condition=models.Q(("paid_until__isnull", False)), fields=["paid_until"], name="cover_lapses"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on__isnull", True),
                            ("from_on__isnull", True),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="cover_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reported_wage__isnull", True), ("reported_wage__gte", 0), _connector="OR"),
                            models.Q(("real_wage__isnull", True), ("real_wage__gte", 0), _connector="OR"),
                        ),
                        name="wage_is_not_below_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "relation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("head", "Head of the family"),
                            ("spouse", "Husband or wife"),
                            ("child", "Child"),
                            ("parent", "Parent or parent-in-law"),
                            ("other", "Other"),
                            ("", "Not known"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="relation",
                    ),
                ),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="members.household",
                        verbose_name="household",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="households",
                        to="members.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of a household",
                "verbose_name_plural": "members of households",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until_on__isnull", True)),
                        fields=("household", "person"),
                        name="once_in_a_household",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on__isnull", True),
                            ("from_on__isnull", True),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="household_member_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(blank=True, db_index=True, max_length=60, verbose_name="membership number"),
                ),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="members.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="members.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["until_on", "organisation__name"],
                "indexes": [models.Index(fields=["organisation", "person"], name="members_of_organisation")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until_on__isnull", True)),
                        fields=("person", "organisation"),
                        name="a_member_of_it_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on__isnull", True),
                            ("from_on__isnull", True),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="membership_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("title", models.CharField(help_text="For example: Ketua Umum", max_length=120, verbose_name="office")),
                ("field", models.CharField(blank=True, max_length=120, verbose_name="field (bidang)")),
                (
                    "from_on",
                    models.DateField(blank=True, help_text="Empty: not known.", null=True, verbose_name="from"),
                ),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                ("is_spokesperson", models.BooleanField(default=False, verbose_name="speaks for it")),
                ("contact", members.models.fields.EncryptedTextField(blank=True, verbose_name="contact for others")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offices",
                        to="members.body",
                        verbose_name="body",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offices",
                        to="members.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offices",
                        to="members.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "office holder",
                "verbose_name_plural": "office holders",
                "ordering": ["until_on", "title", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("organisation__isnull", True), ("body__isnull", True), _connector="XOR"),
                        name="office_is_of_one_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on__isnull", True),
                            ("from_on__isnull", True),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="office_ends_after_it_begins",
                    ),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="office_has_a_holder"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Employment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("permanent", "Permanent (tetap)"),
                            ("contract", "Contract (PKWT)"),
                            ("outsourced", "Outsourced"),
                            ("daily", "Daily (harian)"),
                            ("partner", "Partnership (kemitraan)"),
                            ("informal", "Informal, for oneself"),
                            ("domestic", "Domestic worker (PRT)"),
                            ("migrant", "Migrant worker (PMI)"),
                            ("", "Not known"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="kind of work",
                    ),
                ),
                ("job", models.CharField(blank=True, max_length=120, verbose_name="job")),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until_on", models.DateField(blank=True, null=True, verbose_name="until (last day)")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employments",
                        to="members.body",
                        verbose_name="employer",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="employments",
                        to="members.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "user_company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hosted_employments",
                        to="members.body",
                        verbose_name="user company",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employments",
                        to="members.sector",
                        verbose_name="sector",
                    ),
                ),
            ],
            options={
                "verbose_name": "employment",
                "verbose_name_plural": "employments",
                "ordering": ["until_on", "-from_on", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on__isnull", True),
                            ("from_on__isnull", True),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="employment_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CoverageSurvey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "programme",
                    models.CharField(
                        choices=[
                            ("JKN", "JKN (BPJS Kesehatan)"),
                            ("JKK", "JKK"),
                            ("JKM", "JKM"),
                            ("JHT", "JHT"),
                            ("JP", "JP"),
                            ("JKP", "JKP"),
                        ],
                        max_length=3,
                        verbose_name="programme",
                    ),
                ),
                ("workers", models.PositiveIntegerField(verbose_name="workers")),
                ("registered", models.PositiveIntegerField(verbose_name="registered")),
                ("counted_on", models.DateField(verbose_name="counted on")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("logged_at", models.DateTimeField(auto_now_add=True)),
                (
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surveys",
                        to="members.body",
                        verbose_name="employer",
                    ),
                ),
                (
                    "logged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surveys",
                        to="members.sector",
                        verbose_name="sector",
                    ),
                ),
            ],
            options={
                "verbose_name": "coverage survey",
                "verbose_name_plural": "coverage surveys",
                "ordering": ["-counted_on", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("employer__isnull", False), ("sector__isnull", False), _connector="OR"),
                        name="survey_is_about_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="survey_names_its_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonVulnerability",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="vulnerabilities", to="members.person"
                    ),
                ),
                (
                    "vulnerability",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="people", to="members.vulnerability"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "vulnerability"), name="vulnerable_once_a_kind")
                ],
            },
        ),
    ]
