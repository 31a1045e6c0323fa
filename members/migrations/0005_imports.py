import django.db.models.deletion
import members.models.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0004_training"),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('members', 'Members'), ('officers', 'Officers'), ('units', 'Units'), ('employers', 'Employers'), ('facilities', 'Health facilities')], max_length=12, verbose_name='kind')),
                ('state', models.CharField(choices=[('mapping', 'Columns to choose'), ('checking', 'Being read'), ('ready', 'Ready to look at'), ('running', 'Running'), ('done', 'Done'), ('undoing', 'Being undone'), ('undone', 'Undone'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='mapping', max_length=10, verbose_name='state')),
                ('mode', models.CharField(choices=[('all', 'All or nothing'), ('good', 'Only the rows in order')], default='all', max_length=4)),
                ('likely', models.CharField(blank=True, choices=[('', 'Decided one by one'), ('same', 'Use the one already here'), ('new', 'Take them as new people')], default='', max_length=4)),
                ('stored_name', models.CharField(blank=True, editable=False, max_length=80)),
                ('size', models.PositiveIntegerField(default=0)),
                ('sheet', models.PositiveSmallIntegerField(default=0)),
                ('head_row', models.PositiveIntegerField(default=0)),
                ('headers', members.models.fields.EncryptedTextField(blank=True)),
                ('mapping', models.JSONField(default=dict)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('fault', models.CharField(blank=True, max_length=30)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('cleared_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('claimed_by', models.CharField(blank=True, max_length=32)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('submit_key', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='members.organisation', verbose_name='organisation')),
                ('run_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(choices=[('good', 'In order'), ('refused', 'Refused'), ('done', 'Taken over'), ('undone', 'Undone'), ('kept', 'Could not be undone')], default='good', max_length=8)),
                ('payload', members.models.fields.EncryptedTextField(blank=True)),
                ('problems', models.JSONField(default=list)),
                ('has_warning', models.BooleanField(default=False)),
                ('key_hash', models.CharField(blank=True, max_length=64)),
                ('match', models.CharField(blank=True, choices=[('', 'New'), ('exact', 'Already here'), ('likely', 'Perhaps already here')], default='', max_length=6)),
                ('decision', models.CharField(blank=True, choices=[('', 'Not decided'), ('same', 'The same person'), ('new', 'Somebody else')], default='', max_length=4)),
                ('effect', models.JSONField(default=dict)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='members.import')),
                ('candidate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='members.person')),
            ],
            options={
                'verbose_name': 'row of an import',
                'verbose_name_plural': 'rows of imports',
                'ordering': ['number'],
            },
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('state__in', ['checking', 'running', 'undoing'])), fields=['created_at'], name='imports_to_work_on'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('done__lte', models.F('total'))), name='import_does_no_more_than_there_is'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(fields=['batch', 'state', 'level', 'number'], name='rows_of_import_by_state'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(condition=models.Q(('key_hash', ''), _negated=True), fields=['batch', 'key_hash'], name='rows_of_import_alike'),
        ),
        migrations.AddConstraint(
            model_name='importrow',
            constraint=models.UniqueConstraint(fields=('batch', 'number'), name='a_row_of_a_file_once'),
        ),
    ]
