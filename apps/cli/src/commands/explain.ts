import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openLogReader, type TailingLogReader } from '@weir/connectors';
import type { LogEntry, RuleExplanation } from '@weir/contracts';
import { emptyFileCounts, explainFromEntries, explainFromLog, historyOfFile } from '@weir/pipeline';
import { defaultEngineOptions, hideInExplanation } from '@weir/rule-engine';
import { compileRule, nearestName, parseSchema, type EventSchema, type TypedRule } from '@weir/rule-lang';
import { asCommandError, findRow, mappingFor, openEventFile } from '../event-file/open-event-file.js';
import { loadRules } from '../rules/load-rules.js';
import { diagnosticText, plural } from '../terminal/diagnostic-text.js';
import { explanationText } from '../terminal/explanation-text.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import { CommandError, exitCode, type Terminal } from '../terminal/terminal.js';

export interface ExplainCommandOptions {
  /** Id of a rule, or path of a rule file. */
  readonly rule: string;
  /** Id of an event. */
  readonly event: string;
  /** Data folder of a Weir, folder of a log, or a file of events. */
  readonly data: string;
  /** Default: events of an NDJSON file in Weir's own form. */
  readonly map?: string | undefined;
  readonly rules?: readonly string[] | undefined;
  readonly schema?: string | undefined;
  readonly evaluation: string;
  /** Without the values of fields marked `pii`, to be passed on. */
  readonly masked?: boolean | undefined;
  readonly json?: boolean | undefined;
}

interface Explained { readonly explanation: RuleExplanation; readonly schema: EventSchema }
interface Rules { readonly schema: EventSchema; readonly rules: readonly TypedRule[] }

/**
 * `weir explain`: what a rule made of one event, fired or not. Looks at a log beside its writer and changes nothing; of a file of
 * events it makes the log that `weir backtest` would.
 */
export async function explainEvent(options: ExplainCommandOptions, terminal: Terminal): Promise<number> {
  const evaluation = evaluationOf(options.evaluation);
  const logDir = await findLog(options.data);
  const { explanation: whole, schema } = logDir === undefined ? await fromFile(options, evaluation, terminal) : await fromLog(options, logDir, evaluation, terminal);
  const explanation = options.masked === true ? withoutPersonalValues(whole, schema) : whole;
  terminal.out(options.json ? `${JSON.stringify(explanation)}\n` : explanationText(explanation));
  return exitCode.ok;
}

function evaluationOf(text: string): 'arrival' | 'watermark' {
  if (text === 'arrival' || text === 'watermark') return text;
  throw new CommandError(`--evaluation ${text}: write arrival or watermark.`);
}

/** Folder of the log below a data folder, or that folder itself; undefined for a file of events. */
async function findLog(data: string): Promise<string | undefined> {
  const found = await stat(data).catch(() => undefined);
  if (found === undefined) throw new CommandError(`${data} does not exist. Name a data folder of Weir, or a file of events: --data PATH`);
  if (!found.isDirectory()) return undefined;
  const below = await stat(join(data, 'log')).catch(() => undefined);
  return below?.isDirectory() ? join(data, 'log') : data;
}

async function fromLog(options: ExplainCommandOptions, dir: string, evaluation: 'arrival' | 'watermark', terminal: Terminal): Promise<Explained> {
  try {
    const log = await openLogReader(dir);
    await log.advanceToWhole();
    if (log.lastSeq() === 0) throw new CommandError(`There is no event in the log ${dir}.`);
    const { schema, rules } = await rulesFor(options, log, terminal);
    const result = await explainFromLog({ log, rule: chooseRule(options.rule, rules), eventId: options.event, engineOptions: { evaluation }, maxEntries: Infinity });
    if (result.ok) return { explanation: result.explanation, schema };
    throw new CommandError(`There is no event ${options.event} in the log ${dir}.`);
  } catch (cause) {
    throw asCommandError(cause);
  }
}

/** Those named, else those in force in the log, else those of the folder `rules`. */
async function rulesFor(options: ExplainCommandOptions, log: TailingLogReader, terminal: Terminal): Promise<Rules> {
  if (options.rules === undefined && !isPath(options.rule)) {
    const released = await rulesInForce(log);
    if (released !== undefined) return released;
  }
  return rulesOnDisk(options, terminal);
}

async function rulesInForce(log: TailingLogReader): Promise<Rules | undefined> {
  let newest: LogEntry | undefined;
  for await (const { found } of log.search({ fromSeq: log.firstSeq(), toSeq: Infinity, texts: ['{"kind":"rules"'] })) newest = found.at(-1)?.entry ?? newest;
  if (newest?.kind !== 'rules') return undefined;
  const { schema } = parseSchema(newest.schemaText, 'schema.yaml');
  if (schema === undefined) return undefined;
  return { schema, rules: newest.rules.flatMap(({ id, text }) => compileRule(text, `${id}.yaml`, { schema }).rule ?? []) };
}

async function rulesOnDisk({ rule, rules: paths, schema: schemaFile }: ExplainCommandOptions, terminal: Terminal): Promise<Rules> {
  const { schema, rules, diagnostics, sources } = await loadRules(isPath(rule) ? [rule] : paths ?? ['rules'], schemaFile);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  // A mistake in another rule does not stand in the way.
  const own = isPath(rule) || schema === undefined ? errors : errors.filter(({ file }) => file.endsWith(`/${rule}.yaml`));
  for (const error of own) terminal.err(`${diagnosticText(error, sources.get(error.file))}\n`);
  if (schema === undefined || own.length > 0) throw new CommandError(`${plural(own.length, 'error')} in the rules or the schema.`);
  return { schema, rules };
}

function isPath(rule: string): boolean { return /\.ya?ml$|\//.test(rule); }

/** Nothing of them stays, not the last four characters either that the desk shows: the text leaves this machine. */
function withoutPersonalValues(explanation: RuleExplanation, schema: EventSchema): RuleExplanation {
  const personal = new Set(schema.types.flatMap(({ fields }) => fields.filter(({ pii }) => pii).map(({ name }) => name)));
  return hideInExplanation(explanation, { hides: (field) => personal.has(field) });
}

function chooseRule(wanted: string, rules: readonly TypedRule[]): TypedRule {
  const found = isPath(wanted) ? rules[0] : rules.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const near = nearestName(wanted, rules.map(({ id }) => id));
  throw new CommandError(`There is no rule ${wanted}.${near === undefined ? '' : ` Did you mean ${near}?`}`);
}

async function fromFile(options: ExplainCommandOptions, evaluation: 'arrival' | 'watermark', terminal: Terminal): Promise<Explained> {
  const { schema, rules } = await rulesOnDisk(options, terminal);
  const rule = chooseRule(options.rule, rules);
  const mapping = await mappingFor(options.data, options.map, schema, terminal);
  const bar = new ProgressBar(terminal, 'explain', () => performance.now(), { lines: true });
  const entries = async function* (): AsyncGenerator<LogEntry> {
    const file = openEventFile(options.data, mapping, schema);
    let events = 0;
    for await (const batch of historyOfFile(file.items, schema, emptyFileCounts(), defaultEngineOptions)) {
      events += batch.length;
      bar.show(file.share(), events);
      for (const { entry } of batch) yield entry;
    }
  };
  try {
    const likely = await findRow(options.data, options.event, mapping, schema, (share, rows) => bar.show(share, rows));
    const explanation = await explainFromEntries({ entries, rule, eventId: options.event, likely, engineOptions: { ...defaultEngineOptions, evaluation } });
    if (explanation === undefined) throw new CommandError(`There is no event ${options.event} in ${options.data}.`);
    return { explanation, schema };
  } catch (cause) {
    throw asCommandError(cause);
  } finally {
    bar.end();
  }
}
