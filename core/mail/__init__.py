from core.mail.message import clean_address, clean_header
from core.mail.models import Mail, Suppression
from core.mail.services import guard, queue_mail

__all__ = ["Mail", "Suppression", "clean_address", "clean_header", "guard", "queue_mail"]
