import type { ConditionVerdict, ExplainedWindow, NextStep, RuleExplanation, SequenceProgress } from '@weir/contracts';
import { plural } from './diagnostic-text.js';

/** Events named on one line, at most. */
const shownEvents = 8;

/** What a rule made of an event, as text: the answer first, then every condition with its distance, windows, steps. */
export function explanationText(explained: RuleExplanation): string {
  const { rule, title, event, key, summary, verdict, sequence, windows, alertIds, warm } = explained;
  const keyText = key.map(({ field, value }) => `${field} = ${String(value)}`).join(', ');
  const blocks = [
    [`${rule}: ${title}`, `event ${event.id}, ${event.type}, seq ${event.seq}, ${instant(event.ts)}${event.late ? ', late' : ''}${keyText === '' ? '' : `; ${keyText}`}`],
    [summary, ...(alertIds.length === 0 ? [] : [`alert ${alertIds.join(', ')}`]), ...(warm ? [] : ['The log does not reach back over all that the rule looks at.'])],
    ...(sequence === undefined ? [] : [sequenceLines(sequence)]),
    ...(windows === undefined ? [] : [['windows that hold the event', ...table(windows.map(({ start, end, state, verdict: { failed } }) => [`${instant(start)} to ${instant(end)}`, state === 'notFired' ? 'not fired' : state, failed?.sentence ?? 'all conditions true']))]]),
    ...(verdict === undefined ? [] : verdictBlocks(verdict)),
    ...(sequence === undefined ? [] : sequence.next.flatMap((step) => (step.verdict === undefined || step.verdict === verdict ? [] : [[`step ${step.name}`], ...verdictBlocks(step.verdict)]))),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function verdictBlocks({ explanation, comparisons, failed }: ConditionVerdict): string[][] {
  const rows = explanation.conditions.flatMap((node, index) => {
    const own = comparisons.filter(({ condition }) => condition === index);
    const mark = node.value.type === 'unknown' ? 'unknown' : node.value.text === 'true' ? 'true' : 'false';
    const isOne = own.length === 1 && own[0]?.text === node.text;
    const head = [index === failed?.index ? '>' : ' ', mark, node.text, ...(isOne ? distance(own[0]) : [missing(node.value.missing), '']), `line ${node.span.line}`];
    return [head, ...(isOne ? [] : own.map((one) => [' ', one.holds === undefined ? 'unknown' : String(one.holds), `  ${one.text}`, ...distance(one), `line ${one.span.line}`]))];
  });
  const lets = explanation.lets.map(({ name, node }) => [name, '=', node.value.type === 'unknown' ? missing(node.value.missing) : node.value.text]);
  return [
    ...(rows.length === 0 ? [] : [['conditions', ...table(rows)]]),
    ...(lets.length === 0 ? [] : [['values', ...table(lets)]]),
    ...(explanation.windows.length === 0 ? [] : [['windows', ...explanation.windows.flatMap(windowLines)]]),
    ...(explanation.unknown.length === 0 ? [] : [[`not known: ${explanation.unknown.join(', ')}`]]),
  ];
}

function distance(one: ConditionVerdict['comparisons'][number] | undefined): [string, string] {
  if (one === undefined) return ['', ''];
  return [`${one.left.text} ${one.operator} ${one.right.text}`, one.turn?.text ?? missing(one.left.missing ?? one.right.missing)];
}
function missing(names: readonly string[] | undefined): string { return names === undefined || names.length === 0 ? '' : `not known: ${names.join(', ')}`; }

function windowLines(window: ExplainedWindow): string[] {
  const newest = window.events.filter(({ counted }) => counted).slice(-shownEvents).map(({ id }) => id);
  const more = window.counted - newest.length;
  const value = window.value.type === 'unknown' ? missing(window.value.missing) : window.value.text;
  return [
    `  ${window.text} = ${value}`,
    `    after ${instant(window.afterTs)} up to ${instant(window.untilTs)}: ${plural(window.size, 'event')}, ${window.counted} counted${newest.length === 0 ? '' : `: ${more > 0 ? `${more} more, ` : ''}${newest.join(', ')}`}`,
  ];
}

function sequenceLines({ steps, within, next, ended, completedBy }: SequenceProgress): string[] {
  const rows = steps.map(({ name, contiguity, state, events, count }) => [contiguity, name, stateText[state], `${count > shownEvents ? `${count - shownEvents} more, ` : ''}${events.slice(-shownEvents).map(({ id }) => id).join(', ')}`]);
  return [
    'steps of the match that came the furthest', ...table(rows),
    ...(within === undefined ? [] : [`  within ${span(within.limitMs)}: ${span(within.usedMs)} used, ${within.leftMs > 0 ? `${span(within.leftMs)} left` : `over by ${span(-within.leftMs)}`}`]),
    ...(ended?.event === undefined ? [] : [`  ended by ${ended.event.id} (${ended.event.type}) at ${instant(ended.event.ts)}`]),
    ...(completedBy === undefined ? [] : [`  completed before by ${completedBy.id} (${completedBy.type}) at ${instant(completedBy.ts)}`]),
    ...next.filter(({ event }) => event !== undefined).map((step) => `  for ${step.more === true ? 'more ' : ''}${step.name} the event ${fitText(step)}`),
  ];
}

const stateText: Readonly<Record<SequenceProgress['steps'][number]['state'], string>> = {
  done: 'done', open: 'under way', missing: 'missing', clear: 'none seen', killed: 'seen: match ended', ahead: 'not yet', leftOut: 'left out',
};

function fitText({ event, on, verdict }: NextStep): string {
  switch (event) {
    case 'otherType': return `is of another type (${on.join(', ')} needed)`;
    case 'condition': return `does not fit: ${verdict?.failed?.sentence ?? ''}`;
    case 'within': return 'fits, but comes too late';
    case 'earlier': return 'fits, but is dated before the last event of the match';
    case 'fits': case undefined: return 'fits';
  }
}

/** Columns two spaces apart. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}`);
}

function instant(ts: number): string { return new Date(ts).toISOString(); }

/** `1 h 5 min`: the two largest units. */
function span(ms: number): string {
  const units = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000], ['ms', 1]] as const;
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const [unit, size] of units) {
    if (rest >= size && parts.length < 2) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
