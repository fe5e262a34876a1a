import type { ListChange, LogEvent } from '@weir/contracts';
import { sha256Hex } from '@weir/rule-lang';
import type { EngineDefinition, RestoreResult } from '../engine.js';
import type { SequencesState } from '../sequence/sequence-rules.js';

/** State of the interpreter: plain data, exactly what a snapshot stores. */
export interface InterpreterState {
  readonly seq: number;
  readonly maxTs: number;
  readonly events: readonly LogEvent[];
  readonly changes: readonly ListChange[];
  readonly waiting: readonly LogEvent[];
  readonly sequences: SequencesState;
}

const format = 'weir-interpreter';
const version = 2;

/** Names everything that the meaning of a state depends on: the rules' meanings, the schema and the time options. */
export function ruleSetHash({ schema, rules, options }: EngineDefinition): string {
  const texts = rules.map(({ rule }) => `${rule.id} ${rule.version}`).sort();
  return sha256Hex([schema.hash, options.evaluation, options.maxOutOfOrdernessMs, options.retentionMs, ...texts].join('\n'));
}

function checksumOf(ruleSet: string, body: string): string { return sha256Hex(`${ruleSet}\n${body}`); }

/** One line of format, version, rule-set hash and checksum, then the state as JSON. UTF-8. */
export function writeSnapshot(definition: EngineDefinition, state: InterpreterState): Uint8Array {
  const body = JSON.stringify(state);
  return new TextEncoder().encode(`${format} ${version} ${ruleSetHash(definition)} ${checksumOf(ruleSetHash(definition), body)}\n${body}`);
}

export function readSnapshot(definition: EngineDefinition, bytes: Uint8Array): { readonly ok: true; readonly state: InterpreterState } | Extract<RestoreResult, { ok: false }> {
  const text = new TextDecoder().decode(bytes);
  const lineEnd = text.indexOf('\n');
  const [name, foundVersion, ruleSet, checksum] = text.slice(0, Math.max(lineEnd, 0)).split(' ');
  if (name !== format) return { ok: false, reason: 'not-a-snapshot', message: 'these bytes are no snapshot of the interpreter' };
  if (foundVersion !== String(version)) return { ok: false, reason: 'other-version', message: `snapshot of version ${foundVersion ?? '?'}, this program reads version ${version}` };
  const body = text.slice(lineEnd + 1);
  if (ruleSet === undefined || checksumOf(ruleSet, body) !== checksum) return { ok: false, reason: 'damaged', message: 'the checksum of the snapshot does not fit its content' };
  if (ruleSet !== ruleSetHash(definition)) return { ok: false, reason: 'other-rule-set', message: 'the snapshot was made with other rules, another schema or other time options' };
  // The checksum fits, so this is what writeSnapshot wrote.
  return { ok: true, state: JSON.parse(body) as InterpreterState };
}
