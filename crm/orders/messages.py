"""Sentences for the error codes of carts, orders and payments."""

from core.i18n.catalogue import N_

MESSAGES = {
    "cart.quantity": N_("Please give a whole number from 1 to %(limit)s."),
    "cart.too_many_lines": N_("At most %(limit)s different products, please."),
    "cart.not_sold": N_("We do not sell this product any more."),
    "orders.empty": N_("There is nothing to order yet."),
    "orders.key": N_("This order form is incomplete. Please open it again."),
    "orders.in_progress": N_("This order is just being placed. Please look again in a moment."),
    "orders.unknown_product": N_("There is no such product."),
    "orders.product_twice": N_("This product is in the order twice. Please give one line with the sum."),
    "orders.not_sold": N_("We do not sell %(product)s any more."),
    "orders.sold_out": N_("%(product)s is sold out."),
    "orders.out_of_stock": N_("Of %(product)s only %(left)s are left."),
    "orders.mixed_currencies": N_(
        "These products have prices in different currencies. Please order them separately."
    ),
    "orders.too_heavy": N_("This order is too heavy for this delivery method. Please choose another one."),
    "orders.delivery_method": N_("Please choose how we deliver."),
    "orders.pickup_point": N_("Please choose where you fetch the order."),
    "orders.total_changed": N_("A price changed while you were ordering. Please check the new total."),
    "orders.not_a_buyer": N_("Your account cannot place orders."),
    "payments.method": N_("Please choose how you pay."),
    "payments.no_cards": N_("Cards are not accepted here at present."),
    "payments.no_gateway": N_("The payment provider cannot be reached just now."),
    "payments.no_account_terms": N_(
        "Your account does not pay on account yet. Please choose another way to pay."
    ),
    "payments.instrument": N_("Please choose a card."),
    "payments.not_awaited": N_("This order does not wait for a payment."),
    "payments.in_progress": N_("We are still waiting for the answer to your last payment."),
    "orders.dead_link": N_(
        "This link is no longer valid. Ask for a new one under “Find an order”, or sign in."
    ),
    "orders.not_now": N_("This step is no longer possible: the order has moved on."),
    "orders.changed": N_("Somebody else changed this order in the meantime. Please look again."),
    "orders.note_empty": N_("Please write something."),
    "returns.too_many": N_("At most %(limit)s units of this line can come back."),
    "returns.nothing": N_("No unit of this line is marked as returned."),
    "returns.reason": N_("Please choose why it came back."),
    "shipments.empty": N_("Please say how many units of which line are in the parcel."),
    "shipments.unknown_line": N_("This line is not part of the order."),
    "shipments.too_many": N_("At most %(limit)s units of this line are still open."),
    "shipments.carrier": N_("Please choose a carrier."),
    "shipments.tracking_code": N_(
        "A tracking number has letters, digits, spaces, dots and dashes, at most 60."
    ),
}
