"""What the actions and objects of the audit log are called. A code without words is shown as it is.

The log is never rewritten, so the words of an action stay here when nothing writes it any more.
"""

from __future__ import annotations

from core.i18n import N_, _

ACTIONS = {
    "account.opened": N_("Account opened"),
    "address.added": N_("Address added"),
    "address.changed": N_("Address changed"),
    "address.deleted": N_("Address deleted"),
    "address.made_default": N_("Address made the default"),
    "api_token.created": N_("API token made"),
    "api_token.revoked": N_("API token revoked"),
    "article.called_off": N_("Scheduled publication called off"),
    "article.changed": N_("Facts about the article changed"),
    "article.created": N_("Article created"),
    "article.draft_saved": N_("Draft saved"),
    "article.published": N_("Article published"),
    "article.scheduled": N_("Publication scheduled"),
    "article.unpublished": N_("Article taken back"),
    "article_category.deleted": N_("Help category deleted"),
    "article_category.saved": N_("Help category saved"),
    "campaign.approved": N_("Preview confirmed"),
    "campaign.edited": N_("Campaign edited"),
    "campaign.switched_off": N_("Campaign switched off"),
    "campaign.switched_on": N_("Campaign switched on"),
    "campaign.tested": N_("Test mail sent"),
    "case.accept": N_("Solution accepted"),
    "case.assign": N_("Case assigned"),
    "case.close": N_("Case closed"),
    "case.escalate": N_("Escalated to a supervisor"),
    "case.note": N_("Internal note written"),
    "case.open": N_("Request handed in"),
    "case.propose": N_("Solution proposed"),
    "case.reject": N_("Solution turned down"),
    "case.reopen": N_("Opened again"),
    "case.reply": N_("Reply to the customer"),
    "case.resolve_escalation": N_("Escalation resolved"),
    "case.set_severity": N_("Severity changed"),
    "case.start": N_("Work begun"),
    "case.wait_customer": N_("Set to wait for the customer"),
    "case.wait_internal": N_("Set to wait for colleagues"),
    "case.write_again": N_("The customer wrote again"),
    "category.deleted": N_("Category deleted"),
    "category.saved": N_("Category saved"),
    "colleague.access_changed": N_("Access of a colleague changed"),
    "colleague.invitation_withdrawn": N_("Invitation withdrawn"),
    "colleague.invited": N_("Colleague invited"),
    "colleague.removed": N_("Colleague removed"),
    "contact.activated": N_("Person activated"),
    "contact.deactivated": N_("Person deactivated"),
    "email.changed": N_("Email address changed"),
    "email_change.asked": N_("New email address asked for"),
    "invitation.accepted": N_("Invitation accepted"),
    "job.discard": N_("Failed job discarded"),
    "job.replay": N_("Failed job tried again"),
    "material.changed": N_("Material changed"),
    "material.created": N_("Material created"),
    "material.expired": N_("Material taken back"),
    "material.version_added": N_("New version of a material"),
    "material.version_changed": N_("Version of a material changed"),
    "material.version_published": N_("Version of a material published"),
    "order.add_note": N_("Internal note written"),
    "order.cancel": N_("Order cancelled"),
    "order.confirm": N_("Order confirmed"),
    "order.create_shipment": N_("Parcel packed"),
    "order.mark_delivered": N_("Parcel delivered"),
    "order.mark_returned": N_("Return noted"),
    "order.mark_shipped": N_("Parcel handed over"),
    "order.remove_shipment": N_("Parcel unpacked"),
    "order.set_tracking": N_("Tracking changed"),
    "order.start_packing": N_("Packing has begun"),
    "order.undo_returned": N_("Noted return withdrawn"),
    "owned.change": N_("Data of a customer's product changed"),
    "owned.register": N_("Product registered"),
    "owned.remove": N_("Taken off the customer's products"),
    "owned.take_back": N_("Put back to the customer's products"),
    "partner.logo_removed": N_("Dealer's logo taken off"),
    "partner.profile_changed": N_("Dealer's data changed"),
    "partner.terms_accepted": N_("Terms for partners accepted"),
    "password.changed": N_("Password changed"),
    "password.reset": N_("Forgotten password replaced"),
    "password.set": N_("Password set on the command line"),
    "password_reset.asked": N_("Forgotten password reported"),
    "product.changed": N_("Product changed"),
    "product.created": N_("Product created"),
    "profile.changed": N_("Profile changed"),
    "recommender.train": N_("Training of the recommendations started"),
    "sessions.ended": N_("Devices signed out"),
    "sign_in.failed": N_("Sign-in failed"),
    "sign_in.succeeded": N_("Signed in"),
    "sign_out": N_("Signed out"),
    "sign_up.asked": N_("Sign-up begun"),
    "sign_up.asked_again": N_("Sign-up mail asked for again"),
    "staff.activated": N_("Staff account activated"),
    "staff.created": N_("Staff account created"),
    "staff.deactivated": N_("Staff account deactivated"),
    "staff.invited_again": N_("Staff invited again"),
    "staff.roles_changed": N_("Roles changed"),
    "stock.changed": N_("Stock changed"),
    "suppression.added": N_("Address blocked for mails"),
    "suppression.lifted": N_("Address unblocked for mails"),
}
OBJECTS = {
    "account": N_("Customer"),
    "address": N_("Address"),
    "api_token": N_("API token"),
    "article": N_("Help article"),
    "article_category": N_("Help category"),
    "campaign": N_("Campaign"),
    "case": N_("Case"),
    "category": N_("Category"),
    "invitation": N_("Invitation"),
    "job": N_("Job"),
    "material": N_("Material"),
    "order": N_("Order"),
    "owned_product": N_("Customer's product"),
    "product": N_("Product"),
    "recommender": N_("Recommendations"),
    "suppression": N_("Blocked address"),
    "user": N_("Person"),
}


def action(code: str) -> str:
    return _(ACTIONS[code]) if code in ACTIONS else code


def object_kind(code: str) -> str:
    return _(OBJECTS[code]) if code in OBJECTS else code


def actions() -> list[tuple[str, str]]:
    """Every action with its words, by code: actions on one kind of thing stand together."""
    return [(code, _(words)) for code, words in ACTIONS.items()]


def object_kinds(chosen: str) -> list[tuple[str, str]]:
    """The kinds for a choice, by their words; `chosen` is among them even if it is unknown."""
    known = sorted(((code, _(words)) for code, words in OBJECTS.items()), key=lambda kind: kind[1])
    return known if not chosen or chosen in OBJECTS else [*known, (chosen, chosen)]
