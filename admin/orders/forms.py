"""Forms of the staff pages of orders. `version` is how the order was when the page was opened."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from core.i18n import lazy_gettext as _
from core.web.forms import Form, choices
from crm.orders.carriers import CARRIERS
from crm.orders.returns import REASONS


class StepForm(Form):
    """A button: nothing is typed."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**31 - 1)])


class CancelForm(StepForm):
    reason = TextAreaField(_("Reason, as the customer may read it"), validators=[Length(max=300)])


class ReturnForm(StepForm):
    """Units of a line that came back; which line is in the address."""

    quantity = IntegerField(
        _("Units that came back"), validators=[InputRequired(), NumberRange(1, 999_999)], default=1
    )
    reason = SelectField(_("Why"), choices=choices((code, code) for code in REASONS))
    note_text = StringField(_("Note for colleagues"), validators=[Length(max=300)])


class NoteForm(Form):
    text = TextAreaField(_("Note for colleagues"), validators=[DataRequired(), Length(max=2000)])


class TrackingForm(StepForm):
    carrier = SelectField(
        _("Carrier"), choices=choices((code, carrier.name) for code, carrier in CARRIERS.items())
    )
    tracking_code = StringField(_("Tracking number"), validators=[Length(max=60)])


class ShipmentForm(TrackingForm):
    """The quantities are one field per order line, named line-<id>."""

    lines = HiddenField()


def carrier_choices(pickup: str, own: str) -> list[tuple[str, str]]:
    """Carriers as staff choose them; the two without a parcel service say what they are."""
    special = {"pickup": pickup, "own": own}
    return [(code, special.get(code, carrier.name)) for code, carrier in CARRIERS.items()]


def read_quantities(
    values: Mapping[str, str], line_ids: Iterable[uuid.UUID]
) -> tuple[dict[uuid.UUID, int], dict[str, str]]:
    """(line -> units, field -> what was typed where it is no number)."""
    found: dict[uuid.UUID, int] = {}
    wrong: dict[str, str] = {}
    for line_id in line_ids:
        name = f"line-{line_id}"
        text = values.get(name, "").strip()
        if not text:
            continue
        if text.isascii() and text.isdigit() and len(text) <= 6:
            found[line_id] = int(text)
        else:
            wrong[name] = text
    return found, wrong
