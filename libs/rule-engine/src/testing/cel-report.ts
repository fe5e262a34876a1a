import { celDifferences } from './cel-differences.js';
import { runCelTests, type CelAnswer, type CelOutcome } from './cel-run.js';
import { outsideReason, outsideReasons, type OutsideReason } from './cel-subset.js';
import { celTests, type CelTest } from './cel-tests.js';

/** What became of every test of the conformance data; each is in exactly one of the lists. */
interface CelReport {
  readonly agreed: readonly CelOutcome[];
  /** Different, and listed in `cel-differences.ts`. */
  readonly byDesign: readonly CelOutcome[];
  /** Different, and listed nowhere. */
  readonly unexplained: readonly CelOutcome[];
  readonly outside: ReadonlyMap<OutsideReason, readonly CelTest[]>;
}

/** Runs all conformance tests of the shared subset. A few seconds. */
export function celReport(): CelReport {
  const inside: CelTest[] = [];
  const outside = new Map<OutsideReason, CelTest[]>();
  for (const test of celTests()) {
    const reason = outsideReason(test);
    if (reason === undefined) inside.push(test);
    else outside.set(reason, [...(outside.get(reason) ?? []), test]);
  }
  const listed = new Set(celDifferences.flatMap(({ tests }) => tests));
  const outcomes = runCelTests(inside);
  return {
    agreed: outcomes.filter(({ agrees }) => agrees),
    byDesign: outcomes.filter(({ agrees, test }) => !agrees && listed.has(test.id)),
    unexplained: outcomes.filter(({ agrees, test }) => !agrees && !listed.has(test.id)),
    outside,
  };
}

/** `433 agreed, 48 different by design, ...` */
export function countLine({ agreed, byDesign, unexplained, outside }: CelReport): string {
  const all = [...outside.values()].reduce((sum, tests) => sum + tests.length, 0);
  return `${agreed.length} agreed, ${byDesign.length} different by design, ${all} outside the subset, ${unexplained.length} unexplained`;
}

/** The part of `docs/semantics.md` that lists the differences: Markdown, ends with a line feed. */
export function differencesMarkdown(report: CelReport): string {
  const { agreed, byDesign, outside } = report;
  const rows = celDifferences.flatMap(({ tests }, index) => tests.flatMap((id) => {
    const outcome = byDesign.find(({ test }) => test.id === id);
    return outcome === undefined ? [] : [`| ${index + 1} | \`${id}\` | ${code(outcome.test.expr)} | ${wantedText(outcome.test)} | ${answerText(outcome)} |`];
  }));
  const total = agreed.length + byDesign.length + [...outside.values()].reduce((sum, tests) => sum + tests.length, 0);
  return [
    `Of ${total} tests, ${agreed.length + byDesign.length} lie in the shared subset; ${agreed.length} agree, ${byDesign.length} differ for one of these reasons:`, '',
    ...celDifferences.map(({ title, reason }, index) => `${index + 1}. **${title.charAt(0).toUpperCase()}${title.slice(1)}.** ${reason}`), '',
    '| | Test | Expression | CEL | Rules |', '|---|---|---|---|---|', ...rows, '',
    'The others use a part of CEL that rules have not (each test is counted once, under the first that applies):', '',
    '| Outside the subset | Tests |', '|---|---|', ...Object.entries(outsideReasons).flatMap(([reason, words]) => {
      const tests = [...outside].find(([name]) => name === reason)?.[1] ?? [];
      return tests.length === 0 ? [] : [`| ${words} | ${tests.length} |`];
    }), '',
  ].join('\n');
}

/** A table of counts for each file of the data. */
export function fileTable({ agreed, byDesign, unexplained, outside }: CelReport): string {
  const fileOf = (test: CelTest): string => test.id.split('/')[0] ?? '';
  const groups = [agreed.map(({ test }) => test), byDesign.map(({ test }) => test), [...outside.values()].flat(), unexplained.map(({ test }) => test)];
  const files = [...new Set(groups.flat().map(fileOf))].sort();
  const rows = [['file', 'agreed', 'by design', 'outside', 'unexplained'], ...files.map((file) => [file, ...groups.map((tests) => String(tests.filter((test) => fileOf(test) === file).length))])];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')).join('\n');
}

/** One line for an outcome: what was asked, what CEL says, what the rules say. */
export function outcomeLine(outcome: CelOutcome): string {
  const { test } = outcome;
  return `${test.id}\n  ${test.expr}\n  CEL   ${wantedText(test)}\n  rules ${answerText(outcome)}`;
}

function code(expr: string): string {
  const line = expr.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
  return `\`${line}\``;
}

function wantedText({ expected }: CelTest): string {
  switch (expected.kind) {
    case 'error': return 'error';
    case 'checked': return 'checked';
    case 'value': return Object.values(expected.value).map((value) => `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``).join('');
  }
}

/** The answer to the expression as written, and those of the other variants where they differ from it. */
function answerText({ answers }: CelOutcome): string {
  const words = (answer: CelAnswer): string => (answer.kind === 'refused' ? `refused: \`${answer.code}\`` : { equal: 'the same', other: 'a value', unknown: 'unknown' }[answer.kind]);
  const [first, ...others] = [...answers].map(([variant, answer]) => ({ variant, text: words(answer) }));
  const different = others.filter(({ text }) => text !== first?.text).map(({ variant, text }) => `; ${variant === 'doubles' ? 'of doubles' : 'of fields'} ${text}`);
  return `${first?.text ?? ''}${different.join('')}`;
}
