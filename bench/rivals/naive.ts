/**
 * The service a team writes in an afternoon: JSON.parse, Maps of arrays per key, each window cut out anew for each event, rules as
 * closures. Amounts as cents, so that its answers are exact and can be compared. Events in order of time, as they come.
 * Lean where it costs nothing: of a payment it keeps what its rules read, and each key's text once.
 */
interface Event {
  readonly id: string; readonly type: 'payment' | 'transfer'; readonly ts: number; readonly account_id: string; readonly amount: number; readonly country: string;
  readonly card_id: string; readonly device_id: string; readonly ip: string; readonly merchant_id: string; readonly card_country: string; readonly declined: boolean;
  readonly payee_id: string; readonly stage: string;
}
/** What is kept of a payment. */
interface Payment { readonly ts: number; readonly cents: number; readonly declined: boolean; readonly card: string; readonly device: string; readonly merchant: string }
/** The kept payments of one key, in order of time. */
interface History { readonly key: string; readonly payments: Payment[] }
/** The payments of one key within a span before the event at hand, itself included. */
type Window = (spanMs: number) => readonly Payment[];
/** What a rule sees of a payment. */
interface Seen { readonly event: Event; readonly cents: number; readonly card: Window; readonly account: Window; readonly device: Window; readonly ip: Window; readonly merchant: Window }

const minute = 60_000;
const longest = 15 * minute;
const decoder = new TextDecoder();

const sum = (payments: readonly Payment[]): number => payments.reduce((total, one) => total + one.cents, 0);
const distinct = (payments: readonly Payment[], of: (one: Payment) => string): number => new Set(payments.map(of)).size;
const before = (payments: readonly Payment[]): readonly Payment[] => payments.slice(0, -1);
const declines = (payments: readonly Payment[]): number => payments.filter((one) => one.declined).length;

const rules: readonly (readonly [string, (seen: Seen) => boolean])[] = [
  ['card-count-1m', ({ card }) => card(minute).length > 84],
  ['card-count-5m', ({ card }) => card(5 * minute).length > 370],
  ['card-sum-5m', ({ card }) => sum(card(5 * minute)) > 1_350_000],
  ['card-sum-15m', ({ card }) => sum(card(longest)) > 1_890_000],
  ['account-count-15m', ({ account }) => account(longest).length > 2164],
  ['account-sum-15m', ({ account }) => sum(account(longest)) > 3_400_000],
  ['device-count-5m', ({ device }) => device(5 * minute).length > 668],
  ['device-sum-5m', ({ device }) => sum(device(5 * minute)) > 1_045_000],
  ['ip-count-1m', ({ ip }) => ip(minute).length > 63],
  ['ip-count-5m', ({ ip }) => ip(5 * minute).length > 273],
  ['merchant-declines-1m', ({ event, merchant }) => event.declined && declines(merchant(minute)) > 74],
  ['merchant-declines-5m', ({ event, merchant }) => event.declined && declines(merchant(5 * minute)) > 105],
  ['device-cards-15m', ({ device }) => distinct(device(longest), (one) => one.card) >= 44],
  ['ip-cards-15m', ({ ip }) => distinct(ip(longest), (one) => one.card) >= 38],
  ['card-devices-15m', ({ card }) => distinct(card(longest), (one) => one.device) >= 128],
  ['card-merchants-15m', ({ card }) => distinct(card(longest), (one) => one.merchant) >= 939],
  ['card-ratio-15m', ({ cents, card }) => { const earlier = before(card(longest)); return earlier.length >= 20 && cents * earlier.length > 44 * sum(earlier); }],
  ['card-declined-share-15m', ({ card }) => { const all = card(longest); return all.length >= 30 && declines(all) * 100 > 65 * all.length; }],
  ['card-new-maximum-15m', ({ cents, card }) => { const earlier = before(card(longest)); return earlier.length >= 10 && cents > 14 * earlier.reduce((most, one) => Math.max(most, one.cents), 0); }],
  ['large-abroad', ({ event, cents }) => cents > 42_000 && event.country !== event.card_country && ['US', 'IE'].includes(event.country)],
];

/** Three refusals, then a large payment that goes through, all within ten minutes; the first large one after them counts. */
function createRefusedThenLarge(): (card: string, ts: number, cents: number, declined: boolean) => boolean {
  const cards = new Map<string, { lastThree: number[]; isFresh: boolean }>();
  return (card, ts, cents, declined) => {
    const state = cards.get(card);
    if (declined) {
      if (state === undefined) cards.set(card, { lastThree: [ts], isFresh: true });
      else {
        state.lastThree.push(ts);
        if (state.lastThree.length > 3) state.lastThree.shift();
        state.isFresh = true;
      }
      return false;
    }
    if (cents <= 40_000 || state === undefined) return false;
    const fires = state.isFresh && state.lastThree.length === 3 && ts - (state.lastThree[0] ?? 0) < 10 * minute;
    state.isFresh = false;
    return fires;
  };
}

/** A payment of next to nothing, then a large transfer, within ten minutes; the first large one after it counts. */
function createProbeThenTransfer(): { probe(account: string, ts: number): void; payout(account: string, ts: number): boolean } {
  const probes = new Map<string, number>();
  return {
    probe: (account, ts) => { probes.set(account, ts); },
    payout: (account, ts) => {
      const probe = probes.get(account);
      probes.delete(account);
      return probe !== undefined && ts - probe < 10 * minute;
    },
  };
}

/** Large transfers that no confirmation to the same payee follows within five minutes; each is told as event time reaches its end. */
function createUnconfirmed(tell: (event: string) => void): { sent(event: Event): void; confirmed(event: Event): void; advance(ts: number): void } {
  interface Waiting { readonly event: string; readonly due: number; isConfirmed: boolean }
  const inOrder: Waiting[] = [];
  const byPair = new Map<string, Waiting[]>();
  const pair = ({ account_id, payee_id }: Event): string => `${account_id} ${payee_id}`;
  let first = 0;
  return {
    sent: (event) => {
      const waiting = { event: event.id, due: event.ts + 5 * minute, isConfirmed: false };
      inOrder.push(waiting);
      const others = byPair.get(pair(event));
      if (others === undefined) byPair.set(pair(event), [waiting]); else others.push(waiting);
    },
    confirmed: (event) => {
      for (const waiting of byPair.get(pair(event)) ?? []) waiting.isConfirmed = true;
      byPair.delete(pair(event));
    },
    advance: (ts) => {
      for (let next = inOrder[first]; next !== undefined && next.due <= ts; next = inOrder[++first]) if (!next.isConfirmed) tell(next.event);
      if (first > 10_000) { inOrder.splice(0, first); first = 0; }
    },
  };
}

export interface NaiveService {
  /** Takes an event and tells its alerts. */
  apply(line: Uint8Array): void;
  /** Takes an event that came before those of interest: into the state, past the rules over windows. */
  remember(line: Uint8Array): void;
}

/** @param alert called with event id and rule id. @param watched the merchants of the list. */
export function createNaiveService(alert: (event: string, rule: string) => void, watched: ReadonlySet<string>): NaiveService {
  const [cards, accounts, devices, ips, merchants] = [new Map<string, History>(), new Map<string, History>(), new Map<string, History>(), new Map<string, History>(), new Map<string, History>()];
  const refusedThenLarge = createRefusedThenLarge();
  const probeThenTransfer = createProbeThenTransfer();
  const unconfirmed = createUnconfirmed((event) => { alert(event, 'unconfirmed-transfer'); });

  function historyOf(histories: Map<string, History>, key: string): History {
    let history = histories.get(key);
    if (history === undefined) histories.set(key, history = { key, payments: [] });
    return history;
  }

  function add({ payments }: History, payment: Payment): void {
    payments.push(payment);
    const kept = payments.findIndex((one) => one.ts > payment.ts - longest);
    if (kept > 0) payments.splice(0, kept);
  }

  /** The events after `ts`, found from the newest back: they lie in order of time. */
  const windowOf = ({ payments }: History, ts: number): Window => (spanMs) => {
    let from = payments.length;
    while (from > 0 && (payments[from - 1]?.ts ?? ts) > ts - spanMs) from--;
    return from === 0 ? payments : payments.slice(from);
  };

  function applyPayment(event: Event, isCounted: boolean): void {
    const { ts, declined } = event;
    const cents = Math.round(event.amount * 100);
    const [card, account, device] = [historyOf(cards, event.card_id), historyOf(accounts, event.account_id), historyOf(devices, event.device_id)];
    const [ip, merchant] = [historyOf(ips, event.ip), historyOf(merchants, event.merchant_id)];
    const payment: Payment = { ts, cents, declined, card: card.key, device: device.key, merchant: merchant.key };
    for (const history of [card, account, device, ip, merchant]) add(history, payment);
    const hasRefused = refusedThenLarge(card.key, ts, cents, declined);
    if (cents < 100) probeThenTransfer.probe(account.key, ts);
    if (!isCounted) return;
    if (hasRefused) alert(event.id, 'refused-then-large');
    if (watched.has(event.merchant_id) && cents > 2_200) alert(event.id, 'watched-merchant');
    const seen = { event, cents, card: windowOf(card, ts), account: windowOf(account, ts), device: windowOf(device, ts), ip: windowOf(ip, ts), merchant: windowOf(merchant, ts) };
    for (const [id, holds] of rules) if (holds(seen)) alert(event.id, id);
  }

  function applyTransfer(event: Event, isCounted: boolean): void {
    if (event.stage === 'confirmed') { unconfirmed.confirmed(event); return; }
    if (event.amount > 2500) unconfirmed.sent(event);
    if (event.amount > 3000 && probeThenTransfer.payout(event.account_id, event.ts) && isCounted) alert(event.id, 'probe-then-transfer');
  }

  function take(line: Uint8Array, isCounted: boolean): void {
    const event = JSON.parse(decoder.decode(line)) as Event; // the generator's own lines
    unconfirmed.advance(event.ts);
    if (event.type === 'payment') applyPayment(event, isCounted); else applyTransfer(event, isCounted);
  }

  return { apply: (line) => { take(line, true); }, remember: (line) => { take(line, false); } };
}
