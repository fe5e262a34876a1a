import fc from 'fast-check';

const shapes = ['{ tumble: 1s }', '{ tumble: 5s }', '{ tumble: 1m }', '{ hop: { size: 5s, every: 1s } }', '{ hop: { size: 10s, every: 5s } }', '{ hop: { size: 5s, every: 5s } }', '{ session: { gap: 1s } }', '{ session: { gap: 5s } }', '{ session: { gap: 1m } }'] as const;

const conditions = [
  'count() >= 2', 'sum(amount) > 1', 'distinct(merchant) >= 2', 'share(declined) > 0.5', 'where(amount > 1).count() >= 1', 'max(amount) > avg(amount)', 'stddev(score) > double(0.1)', 'first(amount) != latest(amount)',
  'exists(declined)', 'total * 2 > 3', 'min(tries) < 1', 'acct == "a1"', '!exists(declined)', 'count() < 4',
] as const;

/** The text of a window rule over the generated schema: every shape of window, `having` over the window and the key. */
export function arbWindowText(id: string): fc.Arbitrary<string> {
  return fc.record({
    shape: fc.constantFrom(...shapes),
    parts: fc.tuple(fc.constantFrom(...conditions), fc.constantFrom(...conditions)),
    operator: fc.constantFrom('&&', '||', undefined),
    by: fc.constantFrom('acct', 'acct', '[acct, merchant]'),
    on: fc.constantFrom('payment', '[payment, label]'),
    hasReason: fc.boolean(),
  }).map(({ shape, parts: [first, second], operator, by, on, hasReason }) => [
    `rule: ${id}`,
    `title: Generated window ${id}`,
    'description: Made by a generator to compare two engines.',
    'owner: tests',
    `"on": ${on}`,
    `by: ${by}`,
    'severity: low',
    'score: 10',
    'action: none',
    ...(hasReason ? ['reason: "{total} of {acct}"'] : []),
    'let:',
    '  total: sum(amount)',
    `window: ${shape}`,
    'having: |-',
    `  ${[first, ...(operator === undefined || second === first ? [] : [operator, second])].join(' ')}`,
    '',
  ].join('\n'));
}
