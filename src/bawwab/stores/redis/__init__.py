"""State in Redis or Redis Cluster, shared by every process of a platform; decisions/0012."""

from bawwab.stores.redis.link import Link, open_link
from bawwab.stores.redis.state import RedisState

__all__ = ["Link", "RedisState", "open_link"]
