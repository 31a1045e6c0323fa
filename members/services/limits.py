"""How often a door without sign-in may be knocked at: counted in the cache, which lives on when Redis is away."""

from django.core.cache import cache

from members.models import keyed_hash


def allow(door: str, visitor: str, *, limit: int, seconds: int) -> bool:
    """Count one knock; False once a visitor (an address; kept as a hash) has knocked more than ``limit`` times."""
    key = f"limit:{door}:{keyed_hash(visitor)[:32]}"
    if cache.add(key, 1, seconds):
        return True
    try:
        return cache.incr(key) <= limit
    except ValueError:  # it ran out between the two
        cache.set(key, 1, seconds)
        return True
