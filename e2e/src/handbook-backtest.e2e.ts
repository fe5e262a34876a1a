import { describe, expect, it } from '@jest/globals';
import { BacktestReport, type BacktestRule } from '@weir/contracts';
import { referenceFile } from './support/repository.js';
import { runWeir } from './support/run-weir.js';

/** Alerts, of which fraud, precision, recall: from the page that comes with the data (one plain program over the same file). */
const known: readonly (readonly [rule: string, alerts: number, truePositives: number, precision: string, recall: string])[] = [
  ['h1', 1_864, 1_864, '1.000', '0.232'],
  ['h2a', 1_777, 1_668, '0.939', '0.208'],
  ['h2b', 1_112, 1_112, '1.000', '0.138'],
  ['h5a', 10_746, 80, '0.007', '0.010'],
  ['h5b', 30_731, 240, '0.008', '0.030'],
  ['h5c', 109_179, 2_242, '0.021', '0.279'],
  ['h5d', 26_256, 1_227, '0.047', '0.153'],
  ['h5e', 133_918, 1_057, '0.008', '0.132'],
  ['h5f', 4_778, 44, '0.009', '0.005'],
  ['h3b', 7_217, 3_027, '0.419', '0.377'],
  ['h3c', 5_391, 3_140, '0.582', '0.391'],
  ['h3d', 4_401, 2_901, '0.659', '0.361'],
  ['h6a', 1_346, 1_346, '1.000', '0.168'],
  ['h6b', 20, 18, '0.900', '0.002'],
  ['h6c', 1_128, 1_128, '1.000', '0.140'],
  ['C1', 2_232, 2_232, '1.000', '0.278'],
  ['C2', 2_412, 2_412, '1.000', '0.300'],
  ['C3', 6_803, 5_303, '0.780', '0.660'],
];
const knownAtOnce: typeof known = [
  ['h3e', 7_865, 4_297, '0.546', '0.535'],
  ['C5', 10_256, 6_688, '0.652', '0.833'],
];

const data = referenceFile('data/handbook-cards/transactions.csv.gz');

async function backtest(rules: readonly string[], map: string, any: readonly string[]): Promise<{ report: BacktestReport; stderr: string }> {
  const { code, stdout, stderr } = await runWeir([
    'backtest', '--rules', ...rules, '--schema', 'rules/schema.yaml', '--data', data ?? '', '--map', map, ...any.flatMap((one) => ['--any', one]), '--json',
  ]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  // Exactly one object on stdout.
  return { report: BacktestReport.parse(JSON.parse(stdout)), stderr };
}

function row({ rule, alerts, truePositives, precision, recall }: BacktestRule): readonly unknown[] {
  return [rule, alerts, truePositives, precision?.toFixed(3), recall?.toFixed(3)];
}

(data === undefined ? describe.skip : describe)('the known answers on a million card payments', () => {
  it('are given exactly, with labels known after seven days', async () => {
    const rules = known.filter(([rule]) => !rule.startsWith('C')).map(([rule]) => `rules/handbook/${rule}.yaml`);
    const { report, stderr } = await backtest(rules, 'rules/handbook/handbook.map.yaml', ['C1=H1,H2b', 'C2=C1,H6a', 'C3=C2,H3d']);
    expect({ events: report.events, positives: report.positives }).toEqual({ events: 1_006_984, positives: 8_030 });
    const found = new Map([...report.rules, ...report.combinations].map((one) => [one.rule, row(one)]));
    expect(known.map(([rule]) => found.get(rule))).toEqual(known.map((one) => [...one]));
    // Nobody looks at a terminal here: no progress bar.
    expect(stderr).not.toContain('\r');
  });

  it('are given exactly, with labels known at once', async () => {
    const rules = ['h1', 'h2b', 'h3e', 'h6a'].map((rule) => `rules/handbook/${rule}.yaml`);
    const { report } = await backtest(rules, 'rules/handbook/handbook-at-once.map.yaml', ['C5=H1,H2b,H6a,H3e']);
    const found = new Map([...report.rules, ...report.combinations].map((one) => [one.rule, row(one)]));
    expect(knownAtOnce.map(([rule]) => found.get(rule))).toEqual(knownAtOnce.map((one) => [...one]));
  });
});
