"""Sentences for the error codes of partners and their material."""

from core.i18n.catalogue import N_

MESSAGES = {
    "logo.kind": N_("A logo is a PNG, JPEG or WebP picture."),
    "logo.size": N_("Each side of the logo has between %(least)s and %(most)s points."),
    "logo.shape": N_("The logo is too long to be read: at most %(most)s times as wide as high."),
    "logo.invisible": N_("Nothing can be seen on this picture: it is transparent all over."),
    "partner.name_needed": N_("Please give the name as it is to be printed."),
    "partner.lines": N_("At most %(most)s lines of at most %(length)s characters."),
    "partner.web": N_("An address such as www.example.com, without spaces."),
    "partner.terms_changed": N_("The terms have changed in the meantime. Please read them again."),
    "partner.terms_first": N_("Please accept the terms for partners first."),
    "material.title_needed": N_("Please give a title in at least one language."),
    "material.kind": N_("Please choose what kind of material it is."),
    "material.language": N_("Please choose the language of this version."),
    "material.dates": N_("The last day lies before the first one."),
    "material.template": N_("Please choose one of the templates."),
    "material.one_source": N_("Please hand in a file, or choose a template: one of the two."),
    "material.text_long": N_("Too long: %(most)s characters fit. A Chinese one counts as two."),
    "material.text_needed": N_("Please fill in this text: it is printed large."),
    "material.points": N_(
        "At most %(most)s lines, each with a short title, a colon and a text of at most %(length)s characters."
    ),
    "material.unknown_products": N_("There is no product with this number: %(skus)s"),
    "material.published": N_("This version is published and stays as it is. Make the next one instead."),
}
