from core.jobs.registry import GiveUp, Retry, effect_job, job, recurring
from core.jobs.services import discard, enqueue, replay

__all__ = ["GiveUp", "Retry", "discard", "effect_job", "enqueue", "job", "recurring", "replay"]
