import type { ReleasedRule, RuleSetChange, Unsequenced } from '@weir/contracts';
import type { LogReader } from '@weir/stream-core';
import type { RuleSetDraft } from '../engine-host/messages.js';

/**
 * The newest rule set up to `seenSeq`, kept beside the log: the log may delete an old release while it is still in force.
 * What lies behind `seenSeq` is read again at start, so a mark that was not written in time does no harm.
 */
export interface ReleaseMark { readonly seenSeq: number; readonly release?: { readonly seq: number; readonly draft: RuleSetDraft } | undefined }
export interface ReleaseMarkStore { load(): Promise<ReleaseMark | undefined>; save(mark: ReleaseMark): Promise<void> }

export interface RuleReleasesOptions {
  readonly log: LogReader;
  /** Appends an entry that is no event, dated with the largest ts so far. Resolves when it is durable. */
  readonly append: (entry: Omit<Unsequenced<RuleSetChange>, 'ts'>) => Promise<number>;
  /** Builds and warms an engine for the set beside the running one. */
  readonly prepare: (draft: RuleSetDraft) => Promise<unknown>;
  readonly mark: ReleaseMarkStore;
}

export interface RuleReleases {
  release(set: { readonly schemaText: string; readonly rules: readonly ReleasedRule[]; readonly by: string; readonly why: string }): Promise<{ readonly seq: number }>;
  /** The set of the newest entry; undefined when the log has none. */
  current(): Promise<RuleSetDraft | undefined>;
  /** Everything up to `seq` has been looked at: the next start reads from there. */
  seen(seq: number): Promise<void>;
}

/**
 * Rule sets as entries of the log.
 *
 * A release first warms the new engine beside the running one and then appends the entry, so the switch costs nothing; if the
 * process dies in between, nothing was released. Releases take turns.
 */
export async function openRuleReleases(options: RuleReleasesOptions): Promise<RuleReleases> {
  const { log, mark } = options;
  let current = await findNewest(log, await mark.load());
  let turn: Promise<unknown> = Promise.resolve();

  async function release(set: RuleSetDraft & { readonly by: string; readonly why: string }): Promise<{ readonly seq: number }> {
    const draft = { schemaText: set.schemaText, rules: set.rules };
    await options.prepare(draft);
    const change = { kind: 'rules' as const, schemaText: set.schemaText, rules: [...set.rules], by: set.by, why: set.why };
    const seq = await options.append(change);
    current = { seq, draft };
    await mark.save({ seenSeq: seq, release: current });
    return { seq };
  }

  return {
    release: (set) => {
      const released = turn.then(() => release(set));
      turn = released.catch(() => undefined);
      return released;
    },
    current: () => Promise.resolve(current?.draft),
    seen: (seq) => mark.save({ seenSeq: Math.max(seq, current?.seq ?? 0), release: current }),
  };
}

/** From the remembered place to the end of the log. A mark ahead of the log belongs to another one and is not believed. */
async function findNewest(log: LogReader, mark: ReleaseMark | undefined): Promise<NonNullable<ReleaseMark['release']> | undefined> {
  const known = mark !== undefined && mark.seenSeq <= log.lastSeq() ? mark : undefined;
  let newest = known?.release;
  for await (const entries of log.read((known?.seenSeq ?? 0) + 1)) {
    for (const entry of entries) if (entry.kind === 'rules') newest = { seq: entry.seq, draft: { schemaText: entry.schemaText, rules: entry.rules } };
  }
  return newest;
}
