"""The campaigns that come with the house: what each is for, and what it says before a marketer edits it."""

from __future__ import annotations

from dataclasses import dataclass

from core.db import JSONMap
from core.i18n import N_

BLOCKS = ("cart", "order", "recommendations")


@dataclass(frozen=True)
class Kind:
    """`name`, `about` and `trigger` are for staff, `title` and `wish` for customers; `because` completes “You get this
    mail because …”. `blocks`: which ones its mails can show."""

    key: str
    name: str
    title: str
    wish: str
    about: str
    trigger: str
    because: str
    delay_minutes: int
    blocks: tuple[str, ...]
    path: str  # where the button leads


KINDS: dict[str, Kind] = {
    "left_cart": Kind(
        "left_cart",
        N_("Cart left behind"),
        N_("Reminder of your cart"),
        N_("When products wait in your cart for some time."),
        N_("Reminds signed-in customers of a cart that they left alone."),
        N_("after the last change to a cart"),
        N_("you left products in your cart"),
        60,
        ("cart", "recommendations"),
        "/cart",
    ),
    "after_delivery": Kind(
        "after_delivery",
        N_("After the delivery"),
        N_("After a delivery"),
        N_("A few days later: first steps, care, and help if something is not right."),
        N_("Asks how the products do, and offers first steps and help."),
        N_("after the last parcel of an order has arrived"),
        N_("an order of yours was delivered"),
        5 * 24 * 60,
        ("order", "recommendations"),
        "/orders",
    ),
    "welcome": Kind(
        "welcome",
        N_("Welcome"),
        N_("Welcome to your account"),
        N_("One mail after you signed up."),
        N_("Greets new customers and shows what the portal does for them."),
        N_("after somebody signed up"),
        N_("you opened an account with us"),
        30,
        ("recommendations",),
        "/account",
    ),
}

CONDITIONS: JSONMap = {"minimum": None, "category": None, "quiet_from": 21, "quiet_to": 8, "pause_days": 4}

TEXTS: dict[str, dict[str, dict[str, str]]] = {
    "left_cart": {
        "en": {
            "subject": "Still thinking about the {{ cart.product }}?",
            "preheader": "Your cart is as you left it: {{ cart.total }} in all.",
            "heading": "Your cart is waiting for you",
            "body": (
                "You put something aside with us and then were called away. We kept it for you, with today’s prices"
                " and what is in stock.\n\nAre you unsure about something? Answer this mail, and a person who knows"
                " our machines writes back."
            ),
            "button": "Back to your cart",
        },
        "zh-Hant": {
            "subject": "還在考慮「{{ cart.product }}」嗎？",
            "preheader": "購物車裡的商品都還在，合計 {{ cart.total }}。",
            "heading": "您的購物車還在等您",
            "body": (
                "您挑選了幾樣商品，還沒來得及結帳。我們幫您保留著，價格與庫存都以今天為準。\n\n"
                "對商品有疑問嗎？直接回覆這封信，熟悉我們機器的同事會親自回信給您。"
            ),
            "button": "回到購物車",
        },
        "zh-Hans": {
            "subject": "还在考虑“{{ cart.product }}”吗？",
            "preheader": "购物车里的商品都还在，合计 {{ cart.total }}。",
            "heading": "您的购物车还在等您",
            "body": (
                "您选了几样商品，还没来得及结算。我们替您留着，价格和库存都以今天为准。\n\n"
                "对商品有疑问吗？直接回复这封邮件，熟悉我们机器的同事会亲自答复您。"
            ),
            "button": "回到购物车",
        },
    },
    "after_delivery": {
        "en": {
            "subject": "How is the {{ order.product }} doing?",
            "preheader": "First steps, care, and help if something is not right.",
            "heading": "A good start with your order",
            "body": (
                "Your order {{ order.number }} has been with you for a few days now. In “Your products” you find"
                " the warranty date of everything you have from us, and guides for setting up and cleaning.\n\n"
                "Is something not as it should be? Answer this mail, and we put it right."
            ),
            "button": "Look at your order",
        },
        "zh-Hant": {
            "subject": "「{{ order.product }}」用得還順手嗎？",
            "preheader": "第一次使用、日常保養，遇到問題也能馬上找到我們。",
            "heading": "好的開始，從這裡出發",
            "body": (
                "訂單 {{ order.number }} 送達已經幾天了。在「您的產品」裡，可以查到每件產品的保固期限，"
                "也有安裝與清潔的圖文說明。\n\n有哪裡不對勁嗎？直接回覆這封信，我們會幫您處理好。"
            ),
            "button": "查看訂單",
        },
        "zh-Hans": {
            "subject": "“{{ order.product }}”用得还顺手吗？",
            "preheader": "首次使用、日常保养，遇到问题也能马上找到我们。",
            "heading": "好的开始，从这里出发",
            "body": (
                "订单 {{ order.number }} 送达已经几天了。在“您的产品”里，可以查到每件产品的保修期限，"
                "也有安装和清洁的图文说明。\n\n有哪里不对劲吗？直接回复这封邮件，我们会帮您处理好。"
            ),
            "button": "查看订单",
        },
    },
    "welcome": {
        "en": {
            "subject": "Welcome to {{ shop.name }}",
            "preheader": "Three things that your account does for you.",
            "heading": "Good to have you here",
            "body": (
                "With your account you follow each order to the door, keep the warranty of your machines in one"
                " place, and get an answer to a question without repeating yourself.\n\n"
                "The help pages explain setting up and cleaning, step by step."
            ),
            "button": "Open your account",
        },
        "zh-Hant": {
            "subject": "歡迎加入 {{ shop.name }}",
            "preheader": "有了帳戶，可以做三件事。",
            "heading": "很高興認識您",
            "body": (
                "有了帳戶，您可以追蹤每一筆訂單、集中管理機器的保固，提問時也不必從頭說明。\n\n"
                "說明頁面一步一步教您安裝與清潔。"
            ),
            "button": "前往您的帳戶",
        },
        "zh-Hans": {
            "subject": "欢迎加入 {{ shop.name }}",
            "preheader": "有了账户，可以做三件事。",
            "heading": "很高兴认识您",
            "body": (
                "有了账户，您可以跟踪每一笔订单、集中管理机器的保修，提问时也不必从头说明。\n\n"
                "帮助页面一步一步教您安装和清洁。"
            ),
            "button": "前往您的账户",
        },
    },
}
