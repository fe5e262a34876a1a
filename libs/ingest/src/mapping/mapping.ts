import type { Diagnostic } from '@weir/contracts';
import { parseSpanMs } from '@weir/rule-lang';
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { isZone } from './zone.js';
import { parseTimePattern, type TimePattern } from './time-pattern.js';
import { tooDeepAt } from './yaml-depth.js';

/** Longest mapping file, in UTF-16 units, and deepest nesting: a mapping needs three levels. */
const longestText = 65_536;
const deepestNesting = 8;
/** Faults of YAML itself that are told; one wrong quote may bring thousands. */
const mostFaults = 100;

/** How a file's column becomes an instant. `zone` is the clock of texts that name none. The format `event` is that of the API: epoch ms, or ISO 8601 with its zone. */
export interface TimeColumn {
  readonly column: string;
  readonly format: { readonly kind: 'event' } | { readonly kind: 'iso' } | { readonly kind: 'epoch-s' } | { readonly kind: 'epoch-ms' } | { readonly kind: 'pattern'; readonly pattern: TimePattern };
  /** IANA name, `UTC` or an offset such as `+01:00`; `UTC` when the mapping says none. */
  readonly zone: string;
}

/** The column that says of each row whether it was fraud. */
export interface LabelColumn {
  readonly column: string;
  /** The cell's text that means fraud. */
  readonly positive: string;
  /** How long after its event a label becomes known, ms. */
  readonly delayMs: number;
  /** Fields of the event that the label repeats. */
  readonly fields: readonly string[];
  /** Also labels with `fraud: false`, for the other cells that are not empty. */
  readonly negatives: boolean;
}

/** How the rows of a file become events. Values of `constants` are text, read as their field's type. */
export interface Mapping {
  readonly type: { readonly constant: string } | { readonly column: string };
  /** Column of the id. */
  readonly id: string;
  readonly ts: TimeColumn;
  /** Field -> column. */
  readonly fields: ReadonlyMap<string, string>;
  readonly constants: ReadonlyMap<string, string>;
  readonly label?: LabelColumn | undefined;
}

/** A mapping file as read: the mapping, or everything that is wrong with it. */
export interface ParsedMapping {
  /** Absent when there is any error. */
  readonly mapping?: Mapping | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a mapping file (YAML 1.2, at most 64 KB). Never throws; all errors at once (100 of YAML itself) with their position in the file.
 * Scalars count by their source text: `positive: 1` and `positive: "1"` are the same, `007` stays `007`.
 */
export function parseMapping(yamlText: string, file = 'mapping.yaml'): ParsedMapping {
  const lines = new LineCounter();
  const findings = new Findings(file, lines);
  if (yamlText.length > longestText) {
    lines.addNewLine(0);
    findings.at([0, 0], 'mapping-too-large', 'a mapping file has 64 KB at most');
    return { diagnostics: findings.all };
  }
  const deep = tooDeepAt(yamlText, deepestNesting);
  if (deep !== undefined) {
    for (let at = 0; at >= 0 && at <= deep; at = yamlText.indexOf('\n', at) + 1 || -1) lines.addNewLine(at);
    findings.at([deep, deep + 1], 'mapping-too-deep', `nested deeper than ${deepestNesting} levels`);
    return { diagnostics: findings.all };
  }
  const document = parseDocument(yamlText, { version: '1.2', schema: 'core', uniqueKeys: true, prettyErrors: false, lineCounter: lines });
  for (const error of [...document.errors, ...document.warnings].slice(0, mostFaults)) findings.at([error.pos[0], error.pos[1]], 'mapping-yaml', error.message);
  if (findings.all.length > 0) return { diagnostics: findings.all };
  if (!isMap(document.contents)) {
    findings.at([0, 0], 'mapping-shape', 'a mapping file is a map with the keys type, id, ts and fields');
    return { diagnostics: findings.all };
  }
  const mapping = readMapping(new Section(document.contents, '', findings));
  return findings.all.length > 0 ? { diagnostics: findings.all } : { mapping, diagnostics: [] };
}

function readMapping(root: Section): Mapping {
  root.allow(['type', 'id', 'ts', 'fields', 'constants', 'label']);
  return { type: readType(root), id: root.text('id') ?? '', ts: readTime(root), fields: root.texts('fields'), constants: root.texts('constants'), label: readLabel(root) };
}

function readType(root: Section): Mapping['type'] {
  const section = root.section('type', 'optional');
  if (section === undefined) return { constant: root.text('type') ?? '' };
  section.allow(['column']);
  return { column: section.text('column') ?? '' };
}

function readTime(root: Section): TimeColumn {
  const none: TimeColumn = { column: '', format: { kind: 'iso' }, zone: 'UTC' };
  const section = root.section('ts', 'required');
  if (section === undefined) return none;
  section.allow(['column', 'format', 'zone']);
  const zone = section.text('zone', 'optional') ?? 'UTC';
  if (!isZone(zone)) section.fault('zone', `${JSON.stringify(zone)} is no time zone; write an IANA name such as Europe/London, UTC, or an offset such as +01:00`);
  return { column: section.text('column') ?? '', format: readFormat(section), zone };
}

function readFormat(section: Section): TimeColumn['format'] {
  const text = section.text('format');
  if (text === undefined) return { kind: 'iso' };
  if (text === 'iso' || text === 'epoch-s' || text === 'epoch-ms') return { kind: text };
  const parsed = parseTimePattern(text);
  if (parsed.ok) return { kind: 'pattern', pattern: parsed.pattern };
  section.fault('format', `${parsed.message}; a format is iso, epoch-s, epoch-ms or a pattern such as "dd/MM/yyyy HH:mm:ss"`);
  return { kind: 'iso' };
}

function readLabel(root: Section): LabelColumn | undefined {
  const section = root.section('label', 'optional');
  if (section === undefined) {
    if (root.text('label', 'optional') !== undefined) root.fault('label', 'label is a map with column, positive and delay');
    return undefined;
  }
  section.allow(['column', 'positive', 'delay', 'fields', 'negatives']);
  const delay = section.text('delay', 'optional') ?? '0s';
  const delayMs = parseSpanMs(delay) ?? (delay === '0' ? 0 : undefined);
  if (delayMs === undefined) section.fault('delay', `${JSON.stringify(delay)} is no span; write 7d, 12h or 1h30m`);
  const negatives = section.text('negatives', 'optional') ?? 'false';
  if (negatives !== 'true' && negatives !== 'false') section.fault('negatives', 'negatives is true or false');
  return { column: section.text('column') ?? '', positive: section.text('positive', 'optional') ?? '1', delayMs: delayMs ?? 0, fields: section.list('fields'), negatives: negatives === 'true' };
}

class Findings {
  readonly all: Diagnostic[] = [];
  constructor(private readonly file: string, private readonly lines: LineCounter) {}

  at(range: readonly [number, number], code: string, message: string): void {
    const start = this.lines.linePos(range[0]);
    const end = this.lines.linePos(Math.max(range[0], range[1]));
    this.all.push({ code, severity: 'error', message, file: this.file, line: start.line, column: start.col, endLine: end.line, endColumn: end.col });
  }
}

/** A map of the file with its keys read one by one; every fault goes to the findings, and reading goes on. */
class Section {
  private readonly entries = new Map<string, { readonly key: Node; readonly value: Node | null }>();

  constructor(private readonly map: YAMLMap, private readonly name: string, private readonly findings: Findings) {
    for (const pair of map.items) this.add(pair);
  }

  private add(pair: Pair): void {
    // `as`: parseDocument gives nodes for keys and values; only hand-made documents hold bare values
    const key = pair.key as Node | null;
    if (key === null || !isScalar(key)) {
      this.findings.at(rangeOf(key ?? this.map), 'mapping-shape', 'a key is a plain word');
      return;
    }
    this.entries.set(String(key.value), { key, value: pair.value as Node | null });
  }

  allow(names: readonly string[]): void {
    for (const [name, { key }] of this.entries) {
      if (!names.includes(name)) this.findings.at(rangeOf(key), 'mapping-unknown-key', `${this.name === '' ? 'a mapping' : this.name} has no key ${JSON.stringify(name)}; it has ${names.join(', ')}`);
    }
  }

  /** The source text of a scalar. */
  text(name: string, need: 'required' | 'optional' = 'required'): string | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      if (need === 'required') this.findings.at(rangeOf(this.map), 'mapping-missing-key', `${this.name === '' ? 'the mapping' : this.name} lacks the key ${name}`);
      return undefined;
    }
    const text = entry.value === null ? undefined : scalarText(entry.value);
    if (text === undefined || (text === '' && need === 'required')) {
      this.fault(name, `${name} is one word or text`);
      return undefined;
    }
    return text;
  }

  section(name: string, need: 'required' | 'optional'): Section | undefined {
    const value = this.entries.get(name)?.value;
    if (isMap(value)) return new Section(value, this.name === '' ? name : `${this.name}.${name}`, this.findings);
    if (need === 'required') {
      if (this.entries.has(name)) this.fault(name, `${name} is a map`);
      else this.findings.at(rangeOf(this.map), 'mapping-missing-key', `the mapping lacks the key ${name}`);
    }
    return undefined;
  }

  /** A map of texts; empty when the key is absent. */
  texts(name: string): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    if (!this.entries.has(name)) return found;
    const section = this.section(name, 'required');
    if (section === undefined) return found;
    for (const key of section.entries.keys()) {
      const text = section.text(key);
      if (text !== undefined) found.set(key, text);
    }
    return found;
  }

  /** A list of texts; empty when the key is absent. */
  list(name: string): readonly string[] {
    const value = this.entries.get(name)?.value;
    if (value === undefined) return [];
    if (!isSeq(value)) {
      this.fault(name, `${name} is a list`);
      return [];
    }
    // `as`: items of a parsed document are nodes
    const texts = value.items.map((item) => scalarText(item as Node));
    if (texts.some((text) => text === undefined)) this.fault(name, `${name} is a list of words`);
    return texts.flatMap((text) => (text === undefined ? [] : [text]));
  }

  fault(name: string, message: string): void {
    const entry = this.entries.get(name);
    this.findings.at(rangeOf(entry?.value ?? entry?.key ?? this.map), 'mapping-value', message);
  }
}

/** What was written, not what YAML makes of it: 007 stays 007, NO stays NO. */
function scalarText(node: Node): string | undefined {
  if (!isScalar(node)) return undefined;
  if (node.type === 'PLAIN' && typeof node.source === 'string') return node.source;
  return typeof node.value === 'string' ? node.value : undefined;
}

function rangeOf(node: Node): readonly [number, number] {
  return node.range === null || node.range === undefined ? [0, 0] : [node.range[0], node.range[1]];
}
