import { Command, CommanderError, Option } from 'commander';
import { backtest } from './commands/backtest.js';
import { demoMonth } from './commands/demo-month.js';
import { explainEvent } from './commands/explain.js';
import { ingest } from './commands/ingest.js';
import { printLog } from './commands/log-print.js';
import { checkRules } from './commands/rules-check.js';
import { testRules } from './commands/rules-test.js';
import { CommandError, exitCode, processTerminal, type Terminal } from './terminal/terminal.js';

/**
 * Runs one command line (without `node` and script) and gives the exit code: 0 all well, 1 the answer is bad (findings, failed
 * tests, rejected events), 2 it could not run (usage, a file that is not there, a server out of reach). Never throws.
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  let code: number = exitCode.ok;
  const program = describeCommands(terminal, (result) => { code = result; });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Help and version end here too, with exit code 0; usage errors were printed by commander.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.unusable;
    if (error instanceof CommandError) terminal.err(`weir: ${error.message}\n`);
    else terminal.err(`weir: unexpected failure: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
    return exitCode.unusable;
  }
}

function describeCommands(terminal: Terminal, setCode: (code: number) => void): Command {
  const program = new Command('weir')
    .description('Checks, tests and measures rules; sends files of events.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .showHelpAfterError('(weir COMMAND --help lists the options)');

  const rules = program.command('rules').description('rule files on disk');
  rules.command('check').description('every finding with file, line and column; class E or R of each rule')
    .argument('[PATH...]', 'folders or files of rules', ['rules'])
    .option('--schema <FILE>', 'event schema; default: schema.yaml beside or above the rules')
    .option('--json', 'one JSON object on stdout')
    .action(async (paths: string[], options: { schema?: string; json?: boolean }) => setCode(await checkRules(paths, options, terminal)));
  rules.command('test').description('runs the tests inside the rule files')
    .argument('[PATH...]', 'folders or files of rules', ['rules'])
    .option('--schema <FILE>', 'event schema; default: schema.yaml beside or above the rules')
    .option('--json', 'one JSON object on stdout')
    .action(async (paths: string[], options: { schema?: string; json?: boolean }) => setCode(await testRules(paths, options, terminal)));

  program.command('backtest').description('what rules would have done on a file of events')
    .requiredOption('--rules <PATH...>', 'folders or files of rules')
    .option('--schema <FILE>', 'event schema; default: schema.yaml beside or above the rules')
    .requiredOption('--data <FILE>', 'events: .csv or .ndjson, also .gz')
    .option('--map <FILE>', 'how columns become fields; default: events of .ndjson as POST /v1/events takes them')
    .option('--truth <FILE>', 'what each event was part of (.csv): figures per pack')
    .addOption(new Option('--any <NAME=RULES>', 'rules together, such as C1=H1,H2b: an event counts once; may be repeated').argParser(collect).default([], 'none'))
    .option('--json', 'one JSON object on stdout')
    .option('--markdown', 'the figures per pack as Markdown tables')
    .action(async (options: { rules: string[]; schema?: string; data: string; map?: string; truth?: string; any: string[]; json?: boolean; markdown?: boolean }) => setCode(await backtest(options, terminal)));

  program.command('explain').description('what a rule made of one event, fired or not: the first failing condition and every distance')
    .requiredOption('--rule <RULE>', 'id of a rule, or a rule file')
    .requiredOption('--event <ID>', 'id of an event')
    .option('--data <PATH>', 'data folder of a Weir, running or not, or a file of events', process.env['WEIR_DATA'] ?? '.weir/data')
    .option('--map <FILE>', 'for a file of events: how columns become fields; default: as for backtest')
    .option('--rules <PATH...>', 'folders or files of rules; default: those in force in the log, else rules')
    .option('--schema <FILE>', 'event schema; default: schema.yaml beside or above the rules')
    .addOption(new Option('--evaluation <MODE>', 'arrival or watermark').default('arrival'))
    .option('--masked', 'without personal values (fields marked pii) and what is made from them, to be passed on')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: { rule: string; event: string; data: string; map?: string; rules?: string[]; schema?: string; evaluation: string; masked?: boolean; json?: boolean }) => setCode(await explainEvent(options, terminal)));

  program.command('ingest').description('sends a file of events to a running Weir')
    .argument('FILE', 'events: .csv or .ndjson, also .gz')
    .requiredOption('--map <FILE>', 'how columns become fields')
    .option('--schema <FILE>', 'event schema, for the types of the columns', 'rules/schema.yaml')
    .option('--url <URL>', 'where Weir listens', process.env['WEIR_URL'] ?? 'http://127.0.0.1:8080')
    .option('--key <KEY>', 'API key of a channel; default: WEIR_KEY')
    .option('--source <NAME>', 'one of several files that are sent at once: their events come into the log in step')
    .option('--json', 'the counts as one JSON object on stdout')
    .action(async (file: string, options: { map: string; schema: string; url: string; key?: string; source?: string; json?: boolean }) => setCode(await ingest(file, options, terminal)));

  program.command('demo').description('generated traffic')
    .command('month').description('history with labelled fraud, and honest stories that look like fraud, as NDJSON')
    .requiredOption('--out <FILE>', 'events: .ndjson, also .gz')
    .option('--truth <FILE>', 'what each event was part of: .csv, also .gz')
    .option('--days <N>', 'days of history', '30')
    .option('--per-day <N>', 'events a day, about', '10000')
    .option('--seed <TEXT>', 'another seed, other events', 'weir')
    .action(async (options: { out: string; truth?: string; days: string; perDay: string; seed: string }) => setCode(await demoMonth(options, terminal)));

  program.command('log').description('the event log of a stopped Weir')
    .command('print').description('its entries as NDJSON on stdout')
    .argument('DIR', 'folder of the log: DATA/log')
    .option('--from <SEQ>', 'first entry to print', '1')
    .action(async (dir: string, options: { from?: string }) => setCode(await printLog(dir, options, terminal)));
  return program;
}

function collect(value: string, earlier: unknown): string[] { return [...(Array.isArray(earlier) ? earlier.filter((one) => typeof one === 'string') : []), value]; }
