"""Sentences for the error codes of documents."""

from core.i18n.catalogue import N_

MESSAGES = {
    "document.failed": N_("The document could not be made just now. Please try again in a minute."),
}
