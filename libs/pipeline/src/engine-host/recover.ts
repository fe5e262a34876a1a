import type { EngineDefinition, EngineOptions, EngineRestore, RuleEngine } from '@weir/rule-engine';
import type { CheckpointStore } from '@weir/stream-core';
import { CheckpointFileReader, type CheckpointHead } from './checkpoint-file.js';
import type { EngineMaker } from './engine-maker.js';
import type { FromEngine } from './messages.js';
import { compileRuleSet, type RuleCompiler, type RuleSet } from './rule-set.js';

export interface RecoverySource {
  readonly checkpoints: CheckpointStore;
  readonly maker: EngineMaker;
  readonly compiler: RuleCompiler;
  readonly storedSeq: number;
  readonly durableSeq: number;
  readonly post: (message: FromEngine) => void;
}
export interface Recovered { readonly head: CheckpointHead; readonly engine?: RuleEngine | undefined; readonly ruleSet?: RuleSet | undefined }

/**
 * The newest checkpoint that can be used; undefined: replay the log from its start.
 *
 * Not used are: one ahead of the case store (the alerts between would be missing), one ahead of the log (it belongs to another
 * log, or the log lost its end), a damaged one and one of another version. Each refusal is told, and the one before is tried.
 */
export async function recover(source: RecoverySource, options: EngineOptions): Promise<Recovered | undefined> {
  for (const { seq, name } of await source.checkpoints.list()) {
    const refuse = (reason: string): void => source.post({ kind: 'problem', code: 'checkpoint-refused', message: `Checkpoint ${name} is not used: ${reason}` });
    if (seq > source.durableSeq) {
      refuse(`it stands at entry ${seq}, the log ends at ${source.durableSeq}.`);
      continue;
    }
    if (seq > source.storedSeq) {
      refuse(`it stands at entry ${seq}, the case store has alerts only up to ${source.storedSeq}.`);
      continue;
    }
    const found = await load(source, name, options).catch((cause: unknown) => ({ refused: cause instanceof Error ? cause.message : String(cause) }));
    if ('refused' in found) refuse(found.refused);
    else return found;
  }
  return undefined;
}

/** Chunk by chunk, so that a state of any size is read without its bytes in memory beside it. */
async function load(source: RecoverySource, name: string, options: EngineOptions): Promise<Recovered | { readonly refused: string }> {
  const file = new CheckpointFileReader();
  let ruleSet: RuleSet | undefined;
  let restore: EngineRestore | undefined;
  for await (const chunk of source.checkpoints.read(name)) {
    const part = file.push(chunk);
    if (typeof part === 'string') return { refused: part };
    const { head } = file;
    if (!head?.ruleSet) continue;
    ruleSet ??= compileRuleSet(head.ruleSet, source.compiler, options.retentionMs);
    if (!head.hasEngine) continue;
    restore ??= beginRestore(source.maker, { schema: ruleSet.schema, rules: ruleSet.rules, options: { ...options, historySince: head.historySince ?? 0 } });
    const refusal = restore.push(part);
    if (refusal) return { refused: `${refusal.reason}: ${refusal.message}` };
  }
  const refusal = file.finish();
  if (refusal || !file.head) return { refused: refusal ?? 'damaged' };
  if (!restore) return { head: file.head, ruleSet };
  const restored = restore.finish();
  return restored.ok ? { head: file.head, ruleSet, engine: restored.engine } : { refused: `${restored.reason}: ${restored.message}` };
}

function beginRestore(maker: EngineMaker, definition: EngineDefinition): EngineRestore {
  if (maker.beginRestore) return maker.beginRestore(definition);
  const chunks: Uint8Array[] = [];
  return {
    push: (chunk) => {
      chunks.push(chunk);
      return undefined;
    },
    finish: () => maker.restore(definition, Buffer.concat(chunks)),
  };
}
