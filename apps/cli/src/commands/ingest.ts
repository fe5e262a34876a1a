import { SourceName, type IngestAnswer } from '@weir/contracts';
import { eventToWire, type FileItem } from '@weir/ingest';
import { asCommandError, openEventFile, readMapping } from '../event-file/open-event-file.js';
import { loadRules } from '../rules/load-rules.js';
import { EventSender } from '../sending/event-sender.js';
import { plural } from '../terminal/diagnostic-text.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import { CommandError, exitCode, type Terminal } from '../terminal/terminal.js';

export interface IngestOptions {
  readonly map: string;
  readonly schema: string;
  readonly url: string;
  readonly key?: string | undefined;
  /** One of several files or streams that are each in order: they come into the log in step (`POST /v1/events?source=NAME`). */
  readonly source?: string | undefined;
  readonly json?: boolean | undefined;
}

interface IngestCounts { accepted: number; duplicate: number; late: number; rejected: number }

const linesPerRequest = 2_000;
const shownRefusals = 10;

/**
 * `weir ingest FILE`: sends the events of a file in file order, labels at their own date. Exit code 1 when something was rejected.
 * A second run of the same file is answered `duplicate` throughout, so an interrupted one is simply started again.
 */
export async function ingest(path: string, options: IngestOptions, terminal: Terminal): Promise<number> {
  const key = options.key ?? process.env['WEIR_KEY'];
  if (key === undefined || key === '') throw new CommandError('There is no API key. Make one in the desk (settings) and give it with --key KEY or WEIR_KEY.');
  if (options.source !== undefined && !SourceName.safeParse(options.source).success) throw new CommandError(`--source ${options.source}: letters, digits, ., _, : and -, beginning with a letter or a digit, at most 64.`);
  const { schema, diagnostics } = await loadRules([], options.schema);
  if (!schema) throw new CommandError(`${options.schema} does not compile: ${diagnostics[0]?.message ?? 'unknown reason'}`);
  const file = openEventFile(path, await readMapping(options.map, terminal), schema);
  const sender = new EventSender({ url: options.url, key, source: options.source });
  const counts: IngestCounts = { accepted: 0, duplicate: 0, late: 0, rejected: 0 };
  const bar = new ProgressBar(terminal, 'ingest', () => performance.now());
  let shown = 0;
  const refused = (place: string, code: string, message: string): void => {
    counts.rejected += 1;
    shown += 1;
    if (shown <= shownRefusals) terminal.err(`${place}: ${code}: ${message}\n`);
  };
  const count = (answer: IngestAnswer, item: FileItem): void => {
    if (answer.status === 'rejected') refused(item.kind === 'event' ? `line ${item.line}` : `label of ${item.kind === 'label' ? item.of : ''}`, answer.code, answer.message);
    else counts[answer.status] += 1;
  };
  try {
    let waiting: FileItem[] = [];
    const sendWaiting = async (): Promise<void> => {
      const items = waiting;
      waiting = [];
      const answers = await sender.send(items.map((item) => (item.kind === 'rejected' ? '' : eventToWire(item.event))));
      answers.forEach((answer, i) => { const item = items[i]; if (item) count(answer, item); });
      bar.show(file.share(), counts.accepted + counts.duplicate + counts.late + counts.rejected);
    };
    for await (const items of file.items) {
      for (const item of items) {
        // A row that cannot become an event never reaches the server: it is told here, with its line.
        if (item.kind === 'rejected') refused(`line ${item.line}`, item.refusal.code, item.refusal.message);
        else waiting.push(item);
        if (waiting.length >= linesPerRequest) await sendWaiting();
      }
    }
    if (waiting.length > 0) await sendWaiting();
  } catch (cause) {
    throw asCommandError(cause);
  } finally {
    bar.end();
  }
  if (shown > shownRefusals) terminal.err(`and ${shown - shownRefusals} more\n`);
  const total = counts.accepted + counts.duplicate + counts.late + counts.rejected;
  if (options.json) terminal.out(`${JSON.stringify(counts)}\n`);
  else terminal.out(`${plural(total, 'event')}: ${counts.accepted} accepted, ${counts.duplicate} duplicate, ${counts.late} late, ${counts.rejected} rejected\n`);
  return counts.rejected > 0 ? exitCode.findings : exitCode.ok;
}
