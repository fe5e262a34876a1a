import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileRuleSet, readRuleFiles, ruleIdOf, type RuleFile, type RuleReleases, type RuleSetDraft } from '@weir/pipeline';
import { compileRule, parseSchema, type EventSchema } from '@weir/rule-lang';
import type { RuleDesk } from '@weir/server';

/** Rules with known answers on reference data: they prove the engine and are no protection. */
const notApplied = new Set(['handbook']);

/** The shipped rules of `rules/<pack>/`. */
async function shippedRules(rulesDir: string): Promise<readonly RuleFile[]> {
  const read = await readRuleFiles([rulesDir]);
  if (!read.ok) throw new Error(`The rules in ${rulesDir} cannot be read: ${read.message}`);
  return read.files.filter(({ pack }) => !notApplied.has(pack));
}

/**
 * The event types in force: those of `schema.yaml`, unless the file does not compile or a released rule would no longer compile
 * with it; then those that were released, and `tell` says why.
 */
export async function schemaInForce(rulesDir: string, released: RuleSetDraft | undefined, retentionMs: number, tell: (line: string) => void): Promise<{ readonly text: string; readonly schema: EventSchema }> {
  const file = join(rulesDir, 'schema.yaml');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => cause instanceof Error ? cause : new Error(String(cause)));
  const fault = text instanceof Error ? text.message : schemaFault(text, file, released, retentionMs);
  if (fault === undefined && !(text instanceof Error)) {
    const { schema } = parseSchema(text, file);
    if (schema) return { text, schema };
  }
  const before = released && parseSchema(released.schemaText, 'released schema').schema;
  if (!released || !before) throw new Error(`The event schema ${file} cannot be used: ${fault ?? 'unknown reason'}`);
  tell(`${file} is not used, the released schema stays in force: ${fault ?? 'unknown reason'}`);
  return { text: released.schemaText, schema: before };
}

function schemaFault(text: string, file: string, released: RuleSetDraft | undefined, retentionMs: number): string | undefined {
  const { schema, diagnostics } = parseSchema(text, file);
  const [error] = diagnostics.filter(({ severity }) => severity === 'error');
  if (!schema) return error ? `${error.file}:${error.line}:${error.column} ${error.message}` : 'it does not compile';
  if (!released || released.schemaText === text) return undefined;
  const compiler = { parseSchema, compileRule };
  const broken = compileRuleSet({ schemaText: text, rules: released.rules }, compiler, retentionMs).problems;
  const brokenBefore = new Set(compileRuleSet(released, compiler, retentionMs).problems);
  return broken.find((problem) => !brokenBefore.has(problem));
}

/** First start: releases the shipped rules in mode live. Later: keeps what is released and says how the files differ. */
export async function applyShippedRules(rulesDir: string, desk: RuleDesk, releases: RuleReleases, tell: (line: string) => void): Promise<void> {
  const files = await shippedRules(rulesDir);
  const isFirst = (await releases.current()) === undefined && (await desk.list()).length === 0;
  if (isFirst) {
    const { released, refused } = await desk.apply(files.map(({ pack, path, text }) => ({ pack, path, text })), 'weir', 'Shipped rules, applied at the first start.');
    tell(`${released.length} shipped rules are live.`);
    for (const { path, check } of refused) tell(`Not applied: ${path}: ${check.diagnostics[0]?.message ?? check.tests.find(({ passed }) => !passed)?.name ?? 'refused'}`);
    return;
  }
  if (await desk.reconcile()) tell('The log did not have the newest rule set; it was released again.');
  tellDifferences(files, (await releases.current())?.rules ?? [], tell);
}

function tellDifferences(files: readonly RuleFile[], released: RuleSetDraft['rules'], tell: (line: string) => void): void {
  const texts = new Map(released.map(({ id, text }) => [id, text]));
  const changed: string[] = [];
  const added: string[] = [];
  for (const { text } of files) {
    const id = ruleIdOf(text);
    if (id === undefined) continue;
    if (!texts.has(id)) added.push(id);
    else if (texts.get(id) !== text) changed.push(id);
  }
  if (changed.length > 0) tell(`Released rules differ from their files and stay as they are: ${changed.join(', ')}`);
  if (added.length > 0) tell(`Rule files that are not released: ${added.join(', ')}`);
}
