// Plays the shipped rules over generated traffic and prints, per rule and pack, alerts, precision and who the false positives are.
//   node tools/rule-rates.mjs [--days 30] [--per-day 10000] [--seed weir] [--live EVENTS_PER_SECOND --minutes 60] [--write]
// --write puts the table between the marks of rules/README.md. Needs `npm run build` (or tsc -b libs/rule-engine libs/demo-traffic).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const [{ createEngine, defaultEngineOptions }, { compileRule, geoUnitVector, parseSchema, canonicalDecimal }, { createMonth, createTraffic }] =
  await Promise.all(['rule-engine', 'rule-lang', 'demo-traffic'].map((lib) => import(new URL(`../libs/${lib}/dist/index.js`, import.meta.url))));
const rulesDir = new URL('../rules/', import.meta.url);
const text = (path) => readFileSync(new URL(path, rulesDir), 'utf8');
const { values: options } = parseArgs({ options: {
  days: { type: 'string', default: '30' }, 'per-day': { type: 'string', default: '10000' }, seed: { type: 'string', default: 'weir' }, write: { type: 'boolean', default: false },
  live: { type: 'string' }, minutes: { type: 'string', default: '60' },
} });

const { schema } = parseSchema(text('schema.yaml'), 'rules/schema.yaml');
const packOf = new Map();
const rules = readdirSync(rulesDir, { recursive: true }).filter((file) => file.endsWith('.yaml') && file.includes('/') && !file.startsWith('handbook')).sort().map((file) => {
  const { rule, diagnostics } = compileRule(text(file), file, { schema });
  if (rule === undefined) throw new Error(`${file}: ${diagnostics[0]?.message}`);
  packOf.set(rule.id, file.split('/')[0]);
  return { rule, mode: 'live' };
});
const scaleOf = new Map(schema.types.flatMap((type) => type.fields.filter((field) => field.type === 'decimal').map((field) => [`${type.name}.${field.name}`, field.scale])));

function logEntry({ id, type, ts, ...fields }, seq) {
  const read = ([name, value]) => [name, typeof value === 'object' ? { ...value, ...geoUnitVector(value.lat, value.lon) }
    : scaleOf.has(`${type}.${name}`) ? canonicalDecimal(String(value), scaleOf.get(`${type}.${name}`)) : value];
  return { kind: 'event', seq, ts, id, type, fields: Object.fromEntries(Object.entries(fields).map(read)) };
}

function* traffic() {
  if (options.live === undefined) return yield* createMonth(options.seed, Number(options.days), Number(options['per-day']));
  const startTs = Date.UTC(2026, 0, 5, 8);
  const live = createTraffic({ seed: options.seed, startTs, ratePerSecond: Number(options.live) });
  for (let minute = 1; minute <= Number(options.minutes); minute++) yield* live.next(startTs + minute * 60_000);
}

const engine = createEngine({ schema, rules, options: { ...defaultEngineOptions, evidence: 'none' } });
const tally = new Map(rules.map(({ rule }) => [rule.id, { rule, alerts: 0, fraud: 0, honest: new Map() }]));
const alerting = new Set();
let events = 0, fraudEvents = 0, firstAlert;
let startTs;
for (const { event, fraudScenario, lookalike } of traffic()) {
  events += 1;
  startTs ??= event.ts;
  if (fraudScenario !== undefined) fraudEvents += 1;
  for (const alert of engine.apply(logEntry(event, events))) {
    firstAlert ??= { rule: alert.rule, afterMs: alert.ts - startTs };
    alerting.add(event.id);
    const row = tally.get(alert.rule);
    row.alerts += 1;
    if (fraudScenario !== undefined) row.fraud += 1;
    else row.honest.set(lookalike ?? 'everyday', (row.honest.get(lookalike ?? 'everyday') ?? 0) + 1);
  }
}

const rows = [...tally.values()];
const total = (list, key) => list.reduce((sum, row) => sum + row[key], 0);
const share = (part, whole) => (whole === 0 ? '-' : (part / whole).toFixed(2));
const perThousand = (alerts) => ((1_000 * alerts) / events).toFixed(2);
const honest = (row) => [...row.honest].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`).join(', ') || '-';
const what = options.live === undefined ? `${options.days} days of about ${options['per-day']} events` : `${options.minutes} minutes at ${options.live} events a second, live`;
const lines = [
  `${what}, seed \`${options.seed}\`: ${events} events, ${fraudEvents} of them fraud (${((100 * fraudEvents) / events).toFixed(2)} %); ${total(rows, 'alerts')} alerts`
    + ` on ${alerting.size} events (${((100 * alerting.size) / events).toFixed(2)} %), precision ${share(total(rows, 'fraud'), total(rows, 'alerts'))}.`,
  '', '| Pack | Rules | Alerts | per 1,000 events | Precision |', '|---|---|---|---|---|',
  ...[...new Set(packOf.values())].map((pack) => {
    const own = rows.filter((row) => packOf.get(row.rule.id) === pack);
    return `| ${pack} | ${own.length} | ${total(own, 'alerts')} | ${perThousand(total(own, 'alerts'))} | ${share(total(own, 'fraud'), total(own, 'alerts'))} |`;
  }),
  '', '| Rule | Severity | Alerts | per 1,000 events | Precision | Who the others are |', '|---|---|---|---|---|---|',
  ...rows.map((row) => `| ${row.rule.id} | ${row.rule.severity} | ${row.alerts} | ${perThousand(row.alerts)} | ${share(row.fraud, row.alerts)} | ${honest(row)} |`),
];
process.stdout.write(`${lines.join('\n')}\n`);
console.error(`first alert: ${firstAlert?.rule ?? 'none'}, ${((firstAlert?.afterMs ?? 0) / 1_000).toFixed(1)} s after the first event`);

if (options.write) {
  const readme = text('README.md');
  const marks = ['<!-- rates -->', '<!-- /rates -->'];
  const [before, after] = [readme.split(marks[0])[0], readme.split(marks[1])[1]];
  if (after === undefined) throw new Error('rules/README.md lacks the marks <!-- rates --> and <!-- /rates -->');
  writeFileSync(new URL('README.md', rulesDir), `${before}${marks[0]}\n${lines.join('\n')}\n${marks[1]}${after}`);
}
