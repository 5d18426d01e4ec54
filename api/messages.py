"""Sentences for the error codes of the API."""

from core.i18n.catalogue import N_

MESSAGES = {
    "api.idempotency_key": N_("The header Idempotency-Key is needed: 1 to 80 visible ASCII characters."),
    "api.key_reused": N_("This Idempotency-Key was used for another request."),
}
