import { contiguityKeys, sequenceKeys, stepKeys } from '../rule-file/rule-keys.js';
import type { EventSchema } from '../schema/event-schema.js';
import { parseSpanMs } from '../schema/time-span.js';
import type { DiagnosticList } from '../source/diagnostic-list.js';
import { didYouMean } from '../source/did-you-mean.js';
import { isIdentifier, isReserved } from '../source/reserved-words.js';
import type { TextRange } from '../source/source-text.js';
import { booleanOf, entryOf, expectMap, expectScalar, expectSeq, refuseUnknownKeys, scalarsOf } from '../source/yaml-shape.js';
import type { YamlMap, YamlNode } from '../source/yaml-tree.js';
import { eventTypes } from './check-header.js';
import type { StepHead } from './rule-context.js';
import type { AfterMatch, Contiguity, TypedStep } from './typed-rule.js';

/** A step as read: everything but its conditions. */
export interface StepNode extends StepHead {
  readonly node: YamlMap;
  readonly contiguityPlace: TextRange;
  readonly namePlace: TextRange;
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly inner: TypedStep['inner'];
  readonly withinMs?: number | undefined;
  /** `times` is there and no number of events, which was told: what hangs on their number is not known, and nothing is said of it. */
  readonly isTimesRefused: boolean;
}

export interface SequenceHead {
  /** The key `sequence`. */
  readonly place: TextRange;
  readonly withinMs?: number | undefined;
  /** Of a `within` that is there, readable or not. */
  readonly withinPlace?: TextRange | undefined;
  readonly steps: readonly StepNode[];
  readonly afterMatch: AfterMatch;
}

const CONTIGUITIES = Object.keys(contiguityKeys);
const MOST_TIMES = 100;
const MOST_STEPS = 32;

interface Reading { readonly schema: EventSchema; readonly on: readonly string[]; readonly found: DiagnosticList }

/** Reads the shape of a sequence: steps, names, times. Conditions are typed later, when all steps are known. */
export function readSequence(place: TextRange, node: YamlNode, reading: Reading): SequenceHead | undefined {
  const { found } = reading;
  const map = expectMap(node, '`sequence`', found);
  if (map === undefined) return undefined;
  refuseUnknownKeys(map, Object.keys(sequenceKeys), 'a sequence', found);
  const stepsEntry = entryOf(map, 'steps');
  if (stepsEntry === undefined) found.error('missing-key', place, 'a sequence has the key `steps`');
  const items = stepsEntry === undefined ? [] : (expectSeq(stepsEntry.value, '`steps`', found)?.items ?? []);
  if (items.length > MOST_STEPS) found.error('bad-value', stepsEntry?.value ?? place, `a sequence has ${MOST_STEPS} steps at most`);
  if (stepsEntry?.value.kind === 'seq' && items.length === 0) found.error('bad-value', stepsEntry.value, 'a sequence has one step at least');
  const steps = items.slice(0, MOST_STEPS).flatMap((item, index) => readStep(item, index === items.length - 1, reading) ?? []);
  const within = entryOf(map, 'within');
  const withinMs = within === undefined ? undefined : readSpan(within.value, '`within`', found);
  const afterEntry = entryOf(map, 'afterMatch');
  return { place, withinMs, withinPlace: within?.value, steps, afterMatch: afterEntry === undefined ? { kind: 'eachEnd' } : readAfterMatch(afterEntry.value, steps, found) };
}

/** A span such as `30m` as the value of a YAML key; zero and nonsense are told. */
export function readSpan(node: YamlNode, what: string, found: DiagnosticList): number | undefined {
  const scalar = expectScalar(node, what, found);
  if (scalar === undefined) return undefined;
  const ms = parseSpanMs(scalar.text);
  if (ms === undefined) found.error('bad-span', scalar, `\`${scalar.text}\` is no span`, { hint: 'numbers with the units w d h m s ms, from large to small: 10m, 1h30m' });
  else if (ms === 0) found.error('bad-span', scalar, 'a span is longer than nothing');
  else return ms;
  return undefined;
}

function readStep(node: YamlNode, isLast: boolean, reading: Reading): StepNode | undefined {
  const { found } = reading;
  const map = expectMap(node, 'a step', found, '- begin: name');
  const [head] = map?.entries ?? [];
  if (map === undefined || head === undefined) return undefined;
  const contiguity = readContiguity(map, found);
  if (contiguity === undefined) return undefined;
  const isNegative = contiguity === 'notNext' || contiguity === 'notFollowedBy';
  const allowed = isNegative ? ['on', 'where', ...(isLast && contiguity === 'notFollowedBy' ? ['within'] : [])] : Object.keys(stepKeys);
  for (const { key } of map.entries.slice(1)) {
    if (allowed.includes(key.text)) continue;
    if (isNegative && Object.hasOwn(stepKeys, key.text)) found.error('negative-step-key', key, `a negative step cannot have \`${key.text}\``, { hint: key.text === 'within' ? 'only a `notFollowedBy` at the end has `within`' : 'it has `on` and `where`' });
    else if (CONTIGUITIES.includes(key.text)) found.error('unknown-key', key, `a step has one contiguity, and this one is \`${contiguity}\` already`);
    else found.error('unknown-key', key, `\`${key.text}\` is not a key of a step`, didYouMean(key.text, allowed));
  }
  const nameScalar = expectScalar(head.value, 'the name of a step', found);
  const name = nameScalar?.text ?? '';
  if (nameScalar !== undefined && !isIdentifier(name)) found.error('bad-name', nameScalar, `\`${name}\` cannot be the name of a step`, { hint: 'letters, digits and _, not beginning with a digit' });
  else if (isReserved(name)) found.error('reserved-name', nameScalar ?? head.key, `\`${name}\` is a word of the language and cannot be the name of a step`);
  const onEntry = entryOf(map, 'on');
  const written = onEntry === undefined ? undefined : scalarsOf(onEntry.value, '`on`', found);
  const own = written === undefined ? undefined : eventTypes(written, reading.schema, found);
  for (const scalar of written ?? []) {
    if (own?.includes(scalar.text) === true && reading.on.length > 0 && !reading.on.includes(scalar.text)) found.error('step-type', scalar, `the rule is not on \`${scalar.text}\`, so no step sees such events`, { hint: `add it to the rule's \`on\`` });
  }
  return { name, contiguity, isNegative, on: own === undefined || own.length === 0 ? reading.on : own, node: map, contiguityPlace: head.key, namePlace: nameScalar ?? head.key, ...readQuantity(map, isNegative, found) };
}

function readContiguity(map: YamlMap, found: DiagnosticList): Contiguity | undefined {
  const [head] = map.entries;
  const contiguity = contiguityOf(head?.key.text ?? '');
  if (head === undefined || contiguity !== undefined) return contiguity;
  const later = map.entries.find(({ key }) => contiguityOf(key.text) !== undefined);
  if (later !== undefined) found.error('unknown-key', head.key, `the first key of a step is its contiguity, and \`${later.key.text}\` comes later`, { hint: `put \`${later.key.text}\` first` });
  else found.error('unknown-key', head.key, `a step begins with its contiguity, not with \`${head.key.text}\``, { hint: `one of ${CONTIGUITIES.join(', ')}`, ...didYouMean(head.key.text, CONTIGUITIES) });
  return undefined;
}

function contiguityOf(text: string): Contiguity | undefined {
  switch (text) {
    case 'begin': case 'next': case 'followedBy': case 'followedByAny': case 'notNext': case 'notFollowedBy': return text;
    default: return undefined;
  }
}

type Quantity = Pick<StepNode, 'times' | 'optional' | 'greedy' | 'inner' | 'withinMs' | 'isTimesRefused'>;

function readQuantity(map: YamlMap, isNegative: boolean, found: DiagnosticList): Quantity {
  const once = { from: 1, to: 1 } as const;
  const within = entryOf(map, 'within');
  const withinMs = within === undefined ? undefined : readSpan(within.value, '`within`', found);
  if (isNegative) return { times: once, optional: false, greedy: false, inner: 'relaxed', withinMs, isTimesRefused: false };
  const timesEntry = entryOf(map, 'times');
  const read = timesEntry === undefined ? once : readTimes(timesEntry.value, found);
  const times = read ?? { from: 1, to: null };
  const flag = (key: string): boolean => {
    const entry = entryOf(map, key);
    const isSet = entry === undefined ? false : (booleanOf(entry.value, `\`${key}\``, found) ?? false);
    if (isSet && entry !== undefined && key !== 'optional' && times.to === 1) found.error('needs-times', entry.key, `\`${key}\` is for a step that may take several events`, { hint: 'give the step `times`, such as `times: 2..`' });
    return isSet;
  };
  const [optional, greedy, consecutive, combinations] = [flag('optional'), flag('greedy'), flag('consecutive'), flag('allowCombinations')];
  if (consecutive && combinations) found.error('contiguity-conflict', entryOf(map, 'allowCombinations')?.key ?? map, '`consecutive` and `allowCombinations` exclude each other', { hint: 'leave out one' });
  if (greedy && combinations) found.error('contiguity-conflict', entryOf(map, 'greedy')?.key ?? map, '`greedy` and `allowCombinations` exclude each other', { hint: 'leave out one' });
  const until = entryOf(map, 'until');
  if (until !== undefined && times.to !== null) found.error('needs-open-times', until.key, '`until` is for a step with open `times`', { hint: 'give the step `times` without an end, such as `times: 1..`' });
  return { times, optional, greedy, inner: consecutive ? 'strict' : combinations ? 'combinations' : 'relaxed', withinMs, isTimesRefused: read === undefined };
}

function readTimes(node: YamlNode, found: DiagnosticList): StepHead['times'] | undefined {
  const scalar = expectScalar(node, '`times`', found);
  if (scalar === undefined) return undefined;
  const match = /^(\d{1,6})(?:\s*(\.\.)\s*(\d{1,6})?)?$/.exec(scalar.text);
  const from = Number(match?.[1] ?? 0);
  const to = match?.[2] === undefined ? from : match[3] === undefined ? null : Number(match[3]);
  if (match === null) found.error('bad-times', scalar, `\`${scalar.text}\` is no number of events`, { hint: 'write 3, 2..5 or 3..' });
  else if (from < 1) found.error('bad-times', scalar, 'a step takes one event at least', { hint: 'a step that may be left out has `optional: true`' });
  else if (Math.max(from, to ?? 0) > MOST_TIMES) found.error('bad-times', scalar, `\`times\` goes up to ${MOST_TIMES}`);
  else if (to !== null && to < from) found.error('bad-times', scalar, `\`${scalar.text}\` ends before it begins`, { fix: `${to}..${from}` });
  else return { from, to };
  return undefined;
}

function readAfterMatch(node: YamlNode, steps: readonly StepNode[], found: DiagnosticList): AfterMatch {
  const plain = ['eachEnd', 'noSkip', 'skipToNext', 'skipPastLastEvent'] as const;
  const fallback: AfterMatch = { kind: 'eachEnd' };
  if (node.kind === 'scalar') {
    const kind = plain.find((word) => word === node.text);
    if (kind === undefined) {
      const needsStep = node.text === 'skipToFirst' || node.text === 'skipToLast';
      found.error('bad-value', node, needsStep ? `\`${node.text}\` needs a step` : `\`${node.text}\` is no \`afterMatch\``, needsStep ? { hint: `write { ${node.text}: step }` } : didYouMean(node.text, [...plain, 'skipToFirst', 'skipToLast']));
    }
    return kind === undefined ? fallback : { kind };
  }
  const map = expectMap(node, '`afterMatch`', found, 'a word, or { skipToFirst: step }');
  const [entry, second] = map?.entries ?? [];
  if (entry === undefined) return fallback;
  const kind = entry.key.text;
  if ((kind !== 'skipToFirst' && kind !== 'skipToLast') || second !== undefined) {
    found.error('unknown-key', (second ?? entry).key, '`afterMatch` with a step is { skipToFirst: step } or { skipToLast: step }', didYouMean(kind, ['skipToFirst', 'skipToLast']));
    return fallback;
  }
  const scalar = expectScalar(entry.value, `\`${kind}\``, found);
  const positive = steps.filter(({ isNegative }) => !isNegative).map(({ name }) => name);
  if (scalar !== undefined && !positive.includes(scalar.text)) {
    const isNegative = steps.some(({ name }) => name === scalar.text);
    found.error(isNegative ? 'step-has-no-events' : 'unknown-step', scalar, isNegative ? `\`${scalar.text}\` is a negative step and takes no event` : `there is no step \`${scalar.text}\``, didYouMean(scalar.text, positive));
  }
  return scalar === undefined ? fallback : { kind, step: scalar.text };
}
