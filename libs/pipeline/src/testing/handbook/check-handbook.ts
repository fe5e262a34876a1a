import type { FieldValue } from '@weir/contracts';
import type { HistoryItem } from '../../backtest/run-backtest.js';
import { countOutOfOrder, delayedOrder, seededRandom, withoutTies } from './arrival-orders.js';
import type { KnownAnswers } from './known-answers.js';
import type { HandbookRun } from './read-handbook.js';
import { playVariant, type Variant, type VariantResult } from './variants.js';

/** What of the published card data is checked, and against whom. */
interface CheckOptions {
  /** Compare with the answers that come with the data; false on a slice, where the other variants are the judges. */
  readonly isWhole: boolean;
  /** Also run the reference interpreter in both modes, the judge of the others: over the whole file that takes minutes. */
  readonly withInterpreter: boolean;
  readonly seed: number;
  readonly cuts: number;
  readonly onVariant?: ((name: string, result: VariantResult) => void) | undefined;
}

/** One rule or combination: alerts by variant, and how watermark mode differs from arrival mode. */
interface AnswerRow {
  readonly name: string;
  readonly known: number | undefined;
  readonly byVariant: ReadonlyMap<string, number>;
  /** Triggering events that alert only in watermark mode, and only in arrival mode; undefined for a combination. */
  readonly peers?: { readonly gained: number; readonly lost: number; readonly explained: number } | undefined;
}

/** How one mapping of the data came out. */
export interface HandbookReport {
  readonly mapping: string;
  readonly entries: number;
  /** Entries that share their ms with another, and those that come after one of a greater ts, by order of arrival. */
  readonly tied: number;
  readonly outOfOrder: ReadonlyMap<string, number>;
  readonly rows: readonly AnswerRow[];
  readonly passed: number;
  readonly failures: readonly string[];
}

const minute = 60_000;
const hour = 60 * minute;
/** Names of the variants; `as they come` is the order of the file. */
const variantNames = {
  generated: 'generated', closures: 'closures', interpreter: 'interpreter', cut: 'cut',
  watermark: 'watermark', delayedMinute: 'shuffled 1m', delayedHour: 'shuffled 1h', watermarkInterpreter: 'wm interpreter',
  untied: 'no ties', untiedWatermark: 'no ties wm',
} as const;

/** Runs one mapping's rules in every way and compares: counts with the known ones, alert ids among the ways. */
export async function checkHandbook(run: HandbookRun, known: KnownAnswers, options: CheckOptions): Promise<HandbookReport> {
  const random = seededRandom(options.seed);
  const { items } = run;
  const cutAfter = new Set(Array.from({ length: options.cuts }, () => 1 + Math.floor(random() * (items.length - 1))));
  const orders = new Map([[variantNames.delayedMinute, delayedOrder(items, minute, random)], [variantNames.delayedHour, delayedOrder(items, hour, random)]]);
  const play = async (name: string, variant: Omit<Variant, 'name'>, of: HandbookRun = run): Promise<VariantResult> => {
    const result = await playVariant(of, known, { name, ...variant });
    options.onVariant?.(name, result);
    return result;
  };
  const results = new Map<string, VariantResult>();
  const add = async (name: string, variant: Omit<Variant, 'name'>, of?: HandbookRun): Promise<void> => { results.set(name, await play(name, variant, of)); };
  await add(variantNames.generated, { engine: 'generated', evaluation: 'arrival' });
  await add(variantNames.closures, { engine: 'closures', evaluation: 'arrival' });
  if (options.withInterpreter) await add(variantNames.interpreter, { engine: 'interpreter', evaluation: 'arrival' });
  await add(variantNames.cut, { engine: 'generated', evaluation: 'arrival', cutAfter });
  await add(variantNames.watermark, { engine: 'generated', evaluation: 'watermark' });
  for (const [name, order] of orders) await add(name, { engine: 'generated', evaluation: 'watermark', order, maxOutOfOrdernessMs: name === variantNames.delayedHour ? hour : minute });
  if (options.withInterpreter) await add(variantNames.watermarkInterpreter, { engine: 'interpreter', evaluation: 'watermark' });
  const untied = { ...run, items: withoutTies(items) };
  await add(variantNames.untied, { engine: 'generated', evaluation: 'arrival' }, untied);
  await add(variantNames.untiedWatermark, { engine: 'generated', evaluation: 'watermark' }, untied);
  return compare(run, known, options, results, new Map([...orders].map(([name, order]) => [name, countOutOfOrder(items, order)])));
}

/** Pairs of variants whose alert ids must be the same, in the same order; the second is the one that is checked. */
const sameIds: readonly (readonly [string, string])[] = [
  [variantNames.generated, variantNames.closures], [variantNames.generated, variantNames.interpreter], [variantNames.generated, variantNames.cut],
  [variantNames.watermark, variantNames.delayedMinute], [variantNames.watermark, variantNames.delayedHour], [variantNames.watermark, variantNames.watermarkInterpreter],
  [variantNames.untied, variantNames.untiedWatermark],
];

function compare(run: HandbookRun, known: KnownAnswers, options: CheckOptions, results: ReadonlyMap<string, VariantResult>, outOfOrder: ReadonlyMap<string, number>): HandbookReport {
  const failures: string[] = [];
  let passed = 0;
  const claim = (holds: boolean, what: string): void => { if (holds) passed += 1; else failures.push(what); };
  const generated = results.get(variantNames.generated);
  const watermark = results.get(variantNames.watermark);
  for (const rule of known.rules) {
    for (const [judge, checked] of sameIds) {
      const [one, other] = [results.get(judge)?.digests.get(rule), results.get(checked)?.digests.get(rule)];
      if (other !== undefined) claim(one === other, `${rule}: the alerts of "${checked}" are not those of "${judge}"`);
    }
  }
  if (options.isWhole) {
    for (const answer of known.answers) {
      const found = generated?.answers.get(answer.name);
      claim(found?.alerts === answer.alerts && found.fraud === answer.fraud, `${answer.name}: ${found?.alerts ?? 0} alerts, ${found?.fraud ?? 0} of them fraud; known are ${answer.alerts} and ${answer.fraud}`);
    }
  }
  const hasPeer = peersOf(run.items);
  const rows = [...known.rules, ...known.combinations.map(({ name }) => name)].map((name): AnswerRow => {
    const byVariant = new Map([...results].map(([variant, { answers }]) => [variant, answers.get(name)?.alerts ?? 0]));
    const row = { name, known: options.isWhole ? known.answers.find((one) => one.name === name)?.alerts : undefined, byVariant };
    if (!known.rules.includes(name)) return row;
    const peers = differences(generated?.triggers.get(name) ?? [], watermark?.triggers.get(name) ?? [], hasPeer);
    claim(peers.explained === peers.gained + peers.lost, `${name}: ${peers.gained + peers.lost - peers.explained} alerts differ between the modes without a peer`);
    return { ...row, peers };
  });
  return { mapping: known.mapping, entries: run.items.length, tied: countTied(run.items), outOfOrder, rows, passed, failures };
}

function differences(arrival: readonly string[], watermark: readonly string[], hasPeer: (id: string) => boolean): { readonly gained: number; readonly lost: number; readonly explained: number } {
  const [inArrival, inWatermark] = [new Set(arrival), new Set(watermark)];
  const gained = watermark.filter((id) => !inArrival.has(id));
  const lost = arrival.filter((id) => !inWatermark.has(id));
  return { gained: gained.length, lost: lost.length, explained: [...gained, ...lost].filter(hasPeer).length };
}

function countTied(items: readonly HistoryItem[]): number {
  return items.filter(({ entry: { ts } }, i) => items[i - 1]?.entry.ts === ts || items[i + 1]?.entry.ts === ts).length;
}

/** Whether another entry of the same ms is of the same account or terminal: only then can watermark mode see something else. */
function peersOf(items: readonly HistoryItem[]): (id: string) => boolean {
  const withPeer = new Set<string>();
  const keys = (item: HistoryItem): readonly (FieldValue | undefined)[] => (item.entry.kind === 'event' ? [item.entry.fields['account_id'], item.entry.fields['merchant_id']] : []);
  for (let from = 0; from < items.length;) {
    let to = from + 1;
    while (to < items.length && items[to]?.entry.ts === items[from]?.entry.ts) to += 1;
    const peers = items.slice(from, to);
    peers.forEach((item, i) => {
      const [account, terminal] = keys(item);
      const isShared = peers.some((other, j) => j !== i && (keys(other)[0] === account || keys(other)[1] === terminal));
      if (isShared && item.entry.kind === 'event') withPeer.add(item.entry.id);
    });
    from = to;
  }
  return (id) => withPeer.has(id);
}
