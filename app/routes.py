"""Every blueprint of the house, in one list."""

from __future__ import annotations

from flask import Blueprint

from admin.articles.routes import blueprint as admin_articles
from admin.audit.views import blueprint as admin_audit
from admin.campaigns.pages import blueprint as admin_campaigns
from admin.cases.views import blueprint as admin_cases
from admin.catalogue.views import blueprint as admin_catalogue
from admin.clicks.views import blueprint as admin_clicks
from admin.customers.views import blueprint as staff_customers
from admin.home.views import blueprint as staff_home
from admin.jobs.views import blueprint as admin_jobs
from admin.materials.routes import blueprint as admin_materials
from admin.orders.routes import blueprint as admin_orders
from admin.palette.views import blueprint as palette
from admin.partners.views import blueprint as admin_partners
from admin.recommender.views import blueprint as admin_recommender
from admin.shell import blueprint as staff_shell
from admin.users.views import blueprint as staff_users
from api.orders import blueprint as api
from clickstream.endpoints import blueprint as clickstream
from core.web import basics
from portal.account.views import blueprint as account
from portal.cart.views import blueprint as cart
from portal.checkout.views import blueprint as checkout
from portal.help.views import blueprint as help_pages
from portal.mail_choices.views import blueprint as mail_choices
from portal.materials.profile import blueprint as partner_profile
from portal.materials.views import blueprint as materials
from portal.orders.guest import blueprint as orders
from portal.privacy.views import blueprint as privacy
from portal.products.views import blueprint as products
from portal.recommendations.views import blueprint as recommendations
from portal.requests.guest import blueprint as requests
from portal.requests.guest import links as request_links
from portal.shop.pictures import blueprint as pictures
from portal.shop.views import blueprint as shop

BLUEPRINTS: list[Blueprint] = [
    basics.blueprint,
    api,
    account,
    cart,
    checkout,
    help_pages,
    mail_choices,
    clickstream,
    orders,
    materials,
    partner_profile,
    pictures,
    products,
    request_links,
    requests,
    privacy,
    recommendations,
    shop,
    admin_articles,
    admin_audit,
    admin_campaigns,
    admin_cases,
    admin_catalogue,
    admin_clicks,
    admin_jobs,
    admin_materials,
    admin_orders,
    admin_partners,
    admin_recommender,
    staff_customers,
    staff_home,
    staff_shell,
    palette,
    staff_users,
]
