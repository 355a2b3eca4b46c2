"""The same counters for any number of workers and hosts, in Redis or Valkey.

One script admits: looking and counting are one step there, by the server's own clock, so that two workers cannot both
take the last request of a minute.
"""

from __future__ import annotations

import secrets
from itertools import count

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from fim_lsp.gateway.quota import DAY_S, MINUTE_S, Allowance, Unavailable, Verdict, judge

PATIENCE_S = 1.0
CONNECTIONS = 32
"""Of one worker: whoever comes when all are in use waits for one. An answer takes well below a millisecond."""

ADMIT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local requests, day = KEYS[1], KEYS[2] .. math.floor(clock[1] / ARGV[4])
local most, budget, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', requests, '-inf', now - window)
local taken = redis.call('ZCARD', requests)
local tokens = tonumber(redis.call('GET', day) or '0')
local oldest = redis.call('ZRANGE', requests, 0, 0, 'WITHSCORES')
if most > 0 and taken < most and (budget == 0 or tokens < budget) then
  redis.call('ZADD', requests, now, ARGV[5])
  redis.call('PEXPIRE', requests, math.ceil(window / 1000))
end
local time = string.format('%.0f', now)
return {taken, tokens, time, oldest[2] or time}
"""
SPEND = """
local day = KEYS[1] .. math.floor(redis.call('TIME')[1] / ARGV[2])
redis.call('INCRBY', day, ARGV[1])
redis.call('EXPIRE', day, 2 * ARGV[2])
"""


class InRedis:
    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE_S,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            decode_responses=True,
        )
        self._redis = Redis.from_pool(pool)
        self._admit = self._redis.register_script(ADMIT)
        self._spend = self._redis.register_script(SPEND)
        self._own = secrets.token_hex(8)
        self._numbers = count()

    async def admit(self, name: str, allowance: Allowance) -> Verdict:
        member = f"{self._own}:{next(self._numbers)}"
        limits = (allowance.requests_per_minute, allowance.tokens_per_day)
        try:
            taken, tokens, now, oldest = await self._admit(
                keys=[f"fim-lsp:{{{name}}}:requests", _tokens_of(name)],
                args=[*limits, int(MINUTE_S * 1e6), DAY_S, member],
            )
        except (RedisError, OSError) as error:
            raise Unavailable(type(error).__name__) from None
        return judge(allowance, int(taken), float(oldest) / 1e6, int(tokens), float(now) / 1e6)

    async def spend(self, name: str, allowance: Allowance, tokens: int) -> None:
        try:
            await self._spend(keys=[_tokens_of(name)], args=[tokens, DAY_S])
        except (RedisError, OSError) as error:
            raise Unavailable(type(error).__name__) from None

    async def close(self) -> None:
        await self._redis.aclose()


def _tokens_of(name: str) -> str:
    """The day's number follows. The braces keep all of a name on one node of a cluster."""
    return f"fim-lsp:{{{name}}}:tokens:"
