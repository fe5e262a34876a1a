import type { LogEntry, LogEvent } from '@weir/contracts';
import { createInterpreter } from '@weir/rule-engine';
import type { EngineDefinition, RuleEngine } from '@weir/rule-engine';
import { forEachLine } from '../rivals/rival-process.js';
import { named } from './contenders.js';
import type { Contender } from './contenders.js';
import { listEntries } from './workload/definition.js';
import { parseEvent } from './workload/parse-event.js';
import type { TrafficShape } from './workload/traffic-shape.js';

/**
 * The reference interpreter over full windows, in two parts. Conditions over windows: what was filled is handed to it as a history
 * that it has not evaluated, which is the same to a rule that keeps nothing but events; of each event only fields that rules read are
 * kept. Sequences: it is given the events that some step could take; with `followedBy` and `notFollowedBy` no other changes a match.
 */
export function oracle(definition: EngineDefinition, shape: TrafficShape): Contender {
  const partOf = (isSequence: boolean): EngineDefinition => ({ ...definition, rules: definition.rules.filter(({ rule }) => (rule.body.kind === 'sequence') === isSequence) });
  const history: LogEntry[] = [...listEntries(shape)];
  const sequences = createInterpreter(partOf(true));
  const slim = createSlimmer();
  let whens: RuleEngine | undefined;
  let seq = history.length;

  function takeForSequences(event: LogEvent, isLast: boolean): string[] {
    if (mayBeTaken(event)) return named(sequences.apply(event));
    return isLast ? named(sequences.apply({ kind: 'heartbeat', seq: event.seq, ts: event.ts })) : []; // so that absences up to here are told
  }

  return {
    fill: (lines) => {
      forEachLine(lines, (line) => {
        const event = parseEvent(line, ++seq);
        if (event.type === 'payment') history.push(slim(event));
        takeForSequences(event, false);
      });
    },
    feed: (lines) => {
      whens ??= createInterpreter(partOf(false), history.splice(0));
      const alerts: string[] = [];
      const { length } = lines;
      forEachLine(lines, (line) => {
        const event = parseEvent(line, ++seq);
        alerts.push(...named(whens?.apply(event) ?? []), ...takeForSequences(event, line.byteOffset - lines.byteOffset + line.length + 1 >= length));
      });
      return alerts;
    },
  };
}

/** Could some step of the pack's sequences take it? More than those that do is fine. */
function mayBeTaken({ type, fields }: LogEvent): boolean {
  const amount = Number(fields['amount']);
  return type === 'transfer' ? fields['stage'] === 'confirmed' || amount > 2000 : fields['declined'] === true || amount > 300 || amount < 1.5;
}

/** Events with the fields that windows read; equal texts are one string. */
function createSlimmer(): (event: LogEvent) => LogEvent {
  const texts = new Map<string, string>();
  const once = (text: unknown): string => {
    const own = String(text);
    const known = texts.get(own);
    if (known !== undefined) return known;
    texts.set(own, own);
    return own;
  };
  return ({ seq, ts, fields }) => ({
    kind: 'event', seq, ts, id: '', type: 'payment',
    fields: {
      account_id: once(fields['account_id']), card_id: once(fields['card_id']), device_id: once(fields['device_id']), ip: once(fields['ip']),
      merchant_id: once(fields['merchant_id']), amount: once(fields['amount']), declined: fields['declined'] === true,
    },
  });
}
