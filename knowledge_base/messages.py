"""Sentences for the error codes of the help articles."""

from core.i18n.catalogue import N_

MESSAGES = {
    "article.title_needed": N_("Please give a title."),
    "article.body_needed": N_("An article without a text cannot be published."),
    "article.body_too_long": N_("A text may have at most %(limit)s characters."),
    "article.slug_taken": N_("Another article has this address."),
    "article.slug": N_("An address has small letters a to z, digits and single hyphens."),
    "article.tags": N_("At most %(limit)s tags of at most %(length)s characters each."),
    "article.category": N_("There is no such category."),
    "article.choice": N_("This cannot be chosen."),
    "article.product": N_("There is no product with the article number %(sku)s."),
    "article.related": N_("There is no article with the address %(slug)s."),
    "article.past": N_("This moment has passed. Leave it empty to publish now."),
    "article.far": N_("Please choose a day within the next two years."),
    "article.not_published": N_("This language is not published."),
    "article.nothing_new": N_("The latest version is published already."),
    "article.version": N_("There is no such version."),
    "article.changed_meanwhile": N_(
        "%(name)s saved version %(number)s while you were writing. Compare it with yours; saving again keeps yours."
    ),
    "article.category_used": N_("This category still has %(count)s articles."),
    "article.category_name": N_("Please give an English name."),
    "feedback.reason": N_("Please choose one of the reasons."),
    "feedback.too_long": N_("At most %(limit)s characters, please."),
}
