"""Other settings of an attached sidecar: a further attachment under the same manager."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F
from django.utils import timezone


def fill(apps: Any, schema_editor: Any) -> None:
    attachments, operations = apps.get_model("dashboard", "Attachment"), apps.get_model("dashboard", "Operation")
    attachments.objects.update(manager=F("id"))
    operations.objects.update(manager=F("attachment_id"))
    unfinished = operations.objects.filter(finished=None)
    # An undo takes the place of its attach: of both only the undo goes on.
    undone = unfinished.filter(kind="undo").values_list("attachment_id", flat=True)
    unfinished.filter(kind="attach", attachment_id__in=list(undone)).update(
        finished=timezone.now(), result="stopped", lease_owner="", lease_until=None
    )


class Migration(migrations.Migration):

    dependencies = [
        ("dashboard", "0003_chosen_main"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="manager",
            field=models.CharField(blank=True, db_index=True, default="", max_length=8),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="attachment",
            name="replaces",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="dashboard.attachment",
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="former_version",
            field=models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="operation",
            name="manager",
            field=models.CharField(blank=True, db_index=True, default="", max_length=8),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="operation",
            name="kind",
            field=models.CharField(
                choices=[("attach", "Attach"), ("upgrade", "Upgrade"), ("undo", "Undo")], max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="preset",
            field=models.CharField(max_length=200),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="operation", name="one_attach_each"),
        migrations.RemoveConstraint(model_name="operation", name="one_undo_at_a_time"),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.UniqueConstraint(
                models.F("attachment"),
                condition=models.Q(("kind__in", ("attach", "upgrade"))),
                name="one_attach_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.UniqueConstraint(
                models.F("manager"), condition=models.Q(("finished", None)), name="one_change_at_a_time"
            ),
        ),
    ]
