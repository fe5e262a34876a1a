/** For each UTF-16 unit of a decoded scalar: where in the file it stands. */
export interface ScalarOffsets {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

interface Unit { readonly char: string; readonly start: number; readonly end: number }

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ', '"': '"', '/': '/', '\\': '\\', N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029',
};

/**
 * Aligns the decoded value of a YAML scalar with its source, whatever its style: white space may differ (folding, indentation,
 * chomping), all else must come in the same order. Positions of white space are approximate, of everything else exact.
 *
 * @param style `double` and `single` resolve their escapes; `bare` is plain and block scalars.
 * @returns undefined when source and value do not correspond, which would be a fault of this function: the caller then marks the whole scalar.
 */
export function alignScalar(value: string, text: string, start: number, end: number, style: 'bare' | 'single' | 'double'): ScalarOffsets | undefined {
  const units = style === 'bare' ? bareUnits(text, start, end) : quotedUnits(text, start + 1, end - 1, style);
  const starts: number[] = [];
  const ends: number[] = [];
  let next = 0;
  for (const char of value.split('')) {
    if (!isBlank(char)) while (next < units.length && units[next]?.char !== char && isBlank(units[next]?.char ?? '')) next += 1;
    const unit = units[next];
    if (unit?.char === char) {
      starts.push(unit.start);
      ends.push(unit.end);
      next += 1;
    } else if (isBlank(char)) {
      const at = unit?.start ?? end;
      starts.push(at);
      ends.push(at);
    } else {
      return undefined;
    }
  }
  return { starts, ends };
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r';
}

function bareUnits(text: string, start: number, end: number): Unit[] {
  return text.slice(start, end).split('').map((char, i) => ({ char, start: start + i, end: start + i + 1 }));
}

function quotedUnits(text: string, start: number, end: number, style: 'single' | 'double'): Unit[] {
  const units: Unit[] = [];
  for (let at = start; at < end;) {
    const char = text.charAt(at);
    let decoded = char;
    let length = 1;
    if (style === 'single' && char === "'" && text.charAt(at + 1) === "'") length = 2;
    if (style === 'double' && char === '\\') ({ decoded, length } = escape(text, at));
    for (const one of decoded.split('')) units.push({ char: one, start: at, end: at + length });
    at += length;
  }
  return units;
}

function escape(text: string, at: number): { decoded: string; length: number } {
  const kind = text.charAt(at + 1);
  const digits = { x: 2, u: 4, U: 8 }[kind];
  if (digits !== undefined) {
    const code = Number.parseInt(text.slice(at + 2, at + 2 + digits), 16);
    return { decoded: code <= 0x10ffff ? String.fromCodePoint(code) : '', length: 2 + digits };
  }
  if (kind === '\n') return { decoded: '', length: 2 };
  if (kind === '\r') return { decoded: '', length: 3 };
  return { decoded: SIMPLE_ESCAPES[kind] ?? kind, length: 2 };
}
