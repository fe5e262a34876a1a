import type { ChainableCommander, Redis } from 'ioredis';

/**
 * One key's windows. A sorted set holds its payments of the last 15 minutes by time, as `id|cents|declined|...`; a hash its sums and how far
 * the 5-minute window has been moved (`t5`); hashes its distinct values with how often each occurs; a second sorted set its amounts.
 */
const parts = `
local z, h = KEYS[1], 'h:' .. KEYS[1]
local ts = tonumber(ARGV[1])
local old = ts - 900000
local function number(field) return tonumber(redis.call('HGET', h, field) or 0) end
local function cut(member) return string.match(member, '^[^|]*|(%d+)|(%d)|?([^|]*)|?(.*)$') end
local function add(key, value) redis.call('HINCRBY', key, value, 1) end
local function drop(key, value) if redis.call('HINCRBY', key, value, -1) == 0 then redis.call('HDEL', key, value) end end
local function gone() local members = redis.call('ZRANGEBYSCORE', z, '-inf', old); if #members > 0 then redis.call('ZREMRANGEBYSCORE', z, '-inf', old) end; return members end
local function within(span) return redis.call('ZCOUNT', z, '(' .. (ts - span), '+inf') end
local function sum5()
  local sum, from, to = number('sum5'), number('t5'), ts - 300000
  if to > from then
    for _, member in ipairs(redis.call('ZRANGEBYSCORE', z, '(' .. from, to)) do sum = sum - cut(member) end
    redis.call('HSET', h, 't5', to)
  end
  return sum
end
local function refused(key, declined)
  local state = redis.call('HMGET', key, 'a', 'b', 'c', 'fresh')
  if declined then
    redis.call('HSET', key, 'a', state[2] or '', 'b', state[3] or '', 'c', ts, 'fresh', 1)
    return 0
  end
  redis.call('HSET', key, 'fresh', 0)
  local first = tonumber(state[1] or '')
  return state[4] == '1' and first and ts - first < 600000 and 1 or 0
end
local function due()
  local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ts)
  if #ids > 0 then redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ts) end
  return ids
end
`;

const card = `
local five = sum5()
local sum15, declined15 = number('sum15'), number('declined15')
for _, member in ipairs(gone()) do
  local cents, declined, device, merchant = cut(member)
  sum15 = sum15 - cents
  declined15 = declined15 - declined
  drop('devices:' .. z, device)
  drop('merchants:' .. z, merchant)
  redis.call('ZREM', 'amounts:' .. z, member)
end
local largest = redis.call('ZRANGE', 'amounts:' .. z, -1, -1, 'WITHSCORES')[2]
local cents, declined, device, merchant = cut(ARGV[2])
redis.call('ZADD', z, ts, ARGV[2])
redis.call('ZADD', 'amounts:' .. z, cents, ARGV[2])
add('devices:' .. z, device)
add('merchants:' .. z, merchant)
five, sum15, declined15 = five + cents, sum15 + cents, declined15 + declined
redis.call('HSET', h, 'sum5', five, 'sum15', sum15, 'declined15', declined15)
local large = 0
if declined == '1' or tonumber(cents) > 40000 then large = refused('r:' .. z, declined == '1') end
return { within(60000), within(300000), five, redis.call('ZCARD', z), sum15, declined15, redis.call('HLEN', 'devices:' .. z), redis.call('HLEN', 'merchants:' .. z), tonumber(largest or 0), large }`;

const account = `
local sum = number('sum15')
for _, member in ipairs(gone()) do sum = sum - cut(member) end
sum = sum + cut(ARGV[2])
redis.call('ZADD', z, ts, ARGV[2])
redis.call('HSET', h, 'sum15', sum)
return { redis.call('ZCARD', z), sum }`;

const device = `
local five = sum5()
for _, member in ipairs(gone()) do local _, _, other = cut(member); drop('cards:' .. z, other) end
local cents, _, other = cut(ARGV[2])
redis.call('ZADD', z, ts, ARGV[2])
add('cards:' .. z, other)
redis.call('HSET', h, 'sum5', five + cents)
return { within(300000), five + cents, redis.call('HLEN', 'cards:' .. z) }`;

const address = `
for _, member in ipairs(gone()) do local _, _, other = cut(member); drop('cards:' .. z, other) end
local _, _, other = cut(ARGV[2])
redis.call('ZADD', z, ts, ARGV[2])
add('cards:' .. z, other)
return { within(60000), within(300000), redis.call('HLEN', 'cards:' .. z) }`;

const merchant = `
gone()
if ARGV[2] ~= '' then redis.call('ZADD', z, ts, ARGV[2]) end
return { within(60000), within(300000) }`;

/** Makes a key's sums and distinct values from its sorted set, once: they are as if they had been kept from its first payment on. */
const prepare = (body: string): string => `
if redis.call('HSETNX', h, 't5', ts - 300000) == 0 then return 0 end
gone()
local five, fifteen, refusals = 0, 0, 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', z, '(' .. (ts - 300000), '+inf')) do five = five + cut(member) end
for _, member in ipairs(redis.call('ZRANGE', z, 0, -1)) do
  local cents, declined, one, two = cut(member)
  fifteen, refusals = fifteen + cents, refusals + declined
  ${body}
end
redis.call('HSET', h, 'sum5', five, 'sum15', fifteen, 'declined15', refusals)
return 1`;

const scripts: Readonly<Record<string, readonly [keys: number, lua: string]>> = {
  card: [1, card], account: [1, account], device: [1, device], address: [1, address], merchant: [1, merchant],
  prepareCard: [1, prepare(`add('devices:' .. z, one); add('merchants:' .. z, two); redis.call('ZADD', 'amounts:' .. z, cents, member)`)],
  prepareAccount: [1, prepare('')],
  prepareDevice: [1, prepare(`add('cards:' .. z, one)`)],
  prepareAddress: [1, prepare(`add('cards:' .. z, one)`)],
  refused: [1, `return refused(KEYS[1], ARGV[2] == '1')`],
  due: [1, 'return due()'],
  // Absences due before this transfer; then it is known, and a probe of its account is used up.
  sent: [3, `
local ids = due()
if ARGV[3] ~= '0' then redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2]); redis.call('SADD', KEYS[2], ARGV[2]) end
local payout = 0
if ARGV[4] ~= '-1' then
  local probe = redis.call('GET', KEYS[3])
  if probe then redis.call('DEL', KEYS[3]) end
  if probe and tonumber(probe) > tonumber(ARGV[4]) then payout = 1 end
end
return { payout, unpack(ids) }`],
  confirmed: [2, `
local ids = due()
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do redis.call('ZREM', KEYS[1], id) end
redis.call('DEL', KEYS[2])
return { 0, unpack(ids) }`],
};

/** A pipeline with the scripts as commands. */
export interface Pipeline {
  card(key: string, ts: number, member: string): unknown;
  account(key: string, ts: number, member: string): unknown;
  device(key: string, ts: number, member: string): unknown;
  address(key: string, ts: number, member: string): unknown;
  merchant(key: string, ts: number, member: string): unknown;
  prepareCard(key: string, ts: number): unknown;
  prepareAccount(key: string, ts: number): unknown;
  prepareDevice(key: string, ts: number): unknown;
  prepareAddress(key: string, ts: number): unknown;
  refused(key: string, ts: number, declined: number): unknown;
  due(key: string, ts: number): unknown;
  sent(due: string, pair: string, probe: string, ts: number, id: string, dueAt: number, probeAfter: number): unknown;
  confirmed(due: string, pair: string, ts: number): unknown;
  set(key: string, value: number): unknown;
  zadd(key: string, score: number, member: string): unknown;
  exec(): ReturnType<ChainableCommander['exec']>;
}

/** Registers the scripts. */
export function defineScripts(redis: Redis): { pipeline(): Pipeline } {
  for (const [name, [numberOfKeys, lua]] of Object.entries(scripts)) redis.defineCommand(name, { numberOfKeys, lua: parts + lua });
  return { pipeline: () => redis.pipeline() as unknown as Pipeline }; // `defineCommand` adds the scripts to pipelines, past the types
}
