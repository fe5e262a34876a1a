import type { LogEntry, ReleasedRule, RuleSetChange, Unsequenced } from '@weir/contracts';
import type { LogReader } from '@weir/stream-core';
import type { RuleSetDraft } from '../engine-host/messages.js';

/** Remembers between two starts where in the log the newest rule set lies. A hint only: what lies behind `seenSeq` is read again. */
export interface ReleaseMark { readonly seenSeq: number; readonly releaseSeq?: number | undefined }
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
    await mark.save({ seenSeq: seq, releaseSeq: seq });
    return { seq };
  }

  return {
    release: (set) => {
      const released = turn.then(() => release(set));
      turn = released.catch(() => undefined);
      return released;
    },
    current: () => Promise.resolve(current?.draft),
    seen: (seq) => mark.save({ seenSeq: Math.max(seq, current?.seq ?? 0), releaseSeq: current?.seq }),
  };
}

/** Starts at the remembered place and reads on to the end: the mark may be older than the newest release, never newer. */
async function findNewest(log: LogReader, mark: ReleaseMark | undefined): Promise<{ readonly seq: number; readonly draft: RuleSetDraft } | undefined> {
  let newest: LogEntry | undefined;
  const usable = mark !== undefined && mark.seenSeq <= log.lastSeq() ? mark : undefined;
  if (usable?.releaseSeq !== undefined) newest = await log.get(usable.releaseSeq);
  if (newest !== undefined && newest.kind !== 'rules') newest = undefined;
  // A mark that points at nothing is not believed.
  const from = usable === undefined || (usable.releaseSeq !== undefined && newest === undefined) ? log.firstSeq() : usable.seenSeq + 1;
  for await (const entries of log.read(from)) {
    for (const entry of entries) if (entry.kind === 'rules') newest = entry;
  }
  return newest?.kind === 'rules' ? { seq: newest.seq, draft: { schemaText: newest.schemaText, rules: newest.rules } } : undefined;
}
