import { describe, expect, it } from '@jest/globals';
import { readJson } from '../json/read-json.js';
import { JsonObject } from '../json/json-value.js';
import { mappingText } from '../testing/mapping-text.js';
import { mapRow } from './map-row.js';
import { parseMapping, type Mapping } from './mapping.js';
import type { Row } from './row.js';
import { instantInZone } from './zone.js';

const text = mappingText('format: iso, zone: UTC');
function mappingOf(yaml: string): Mapping {
  const { mapping, diagnostics } = parseMapping(yaml);
  if (mapping === undefined) throw new Error(diagnostics.map((finding) => finding.message).join('; '));
  return mapping;
}
const csv = (columns: string, cells: string): Exclude<Row, { kind: 'bad' }> => ({ kind: 'csv', line: 2, header: { columns: columns.split(',') }, cells: cells.split(',') });
const json = (source: string): Exclude<Row, { kind: 'bad' }> => {
  const read = readJson(source);
  if (!read.ok || !(read.value instanceof JsonObject)) throw new Error(source);
  return { kind: 'json', line: 1, value: read.value, source };
};
function tsOf(ts: string, cell: string): number | string {
  const mapped = mapRow(csv('id,ts', `1,${cell}`), mappingOf(`type: t\nid: id\nts: ${ts}\n`));
  if (!mapped.ok) return mapped.message;
  const value = mapped.value.get('ts');
  return value !== null && typeof value === 'object' && 'text' in value ? Number(value.text) : NaN;
}

describe('parseMapping', () => {
  it('reads a mapping by the source text of its scalars', () => {
    const mapping = mappingOf(text);
    expect(mapping.type).toEqual({ constant: 'payment' });
    expect([...mapping.fields]).toEqual([['account_id', 'account'], ['amount', 'amount']]);
    expect([...mapping.constants]).toEqual([['currency', 'EUR'], ['branch_id', '007']]);
    expect(mapping.label).toEqual({ column: 'is_fraud', positive: '1', delayMs: 7 * 86_400_000, fields: ['account_id'], negatives: false });
  });

  it('takes the type from a column, and leaves out what is optional', () => {
    expect(mappingOf('type: { column: kind }\nid: id\nts: { column: t, format: epoch-ms }\nfields: { a: b }\n')).toMatchObject({ type: { column: 'kind' }, ts: { zone: 'UTC', format: { kind: 'epoch-ms' } }, label: undefined });
  });

  it.each([
    { name: 'an unknown key', yaml: 'type: t\nid: i\nts: { column: c, format: iso }\nfield: { a: b }\n', message: 'a mapping has no key "field"; it has type, id, ts, fields, constants, label', line: 4, column: 1 },
    { name: 'an unknown key of the label', yaml: 'type: t\nid: i\nts: { column: c, format: iso }\nlabel: { column: c, after: 7d }\n', message: 'label has no key "after"; it has column, positive, delay, fields, negatives', line: 4, column: 21 },
    { name: 'no id', yaml: 'type: t\nts: { column: c, format: iso }\n', message: 'the mapping lacks the key id', line: 1, column: 1 },
    { name: 'no ts', yaml: 'type: t\nid: i\n', message: 'the mapping lacks the key ts', line: 1, column: 1 },
    { name: 'a zone that does not exist', yaml: 'type: t\nid: i\nts: { column: c, format: iso, zone: Europe/Lodnon }\n', message: '"Europe/Lodnon" is no time zone; write an IANA name such as Europe/London, UTC, or an offset such as +01:00', line: 3, column: 37 },
    { name: 'a format that is none', yaml: 'type: t\nid: i\nts: { column: c, format: unix }\n', message: '"u" is nothing that a time pattern has; a format is iso, epoch-s, epoch-ms or a pattern such as "dd/MM/yyyy HH:mm:ss"', line: 3, column: 26 },
    { name: 'a delay that is no span', yaml: 'type: t\nid: i\nts: { column: c, format: iso }\nlabel: { column: c, delay: week }\n', message: '"week" is no span; write 7d, 12h or 1h30m', line: 4, column: 28 },
    { name: 'a key given twice', yaml: 'type: t\nid: i\nid: j\nts: { column: c, format: iso }\n', message: 'Map keys must be unique', line: 3, column: 1 },
    { name: 'a list', yaml: '- a\n', message: 'a mapping file is a map with the keys type, id, ts and fields', line: 1, column: 1 },
    { name: 'nothing', yaml: '', message: 'a mapping file is a map with the keys type, id, ts and fields', line: 1, column: 1 },
  ])('refuses $name with its place', ({ yaml, message, line, column }) => {
    const { mapping, diagnostics } = parseMapping(yaml);
    expect(mapping).toBeUndefined();
    expect(diagnostics[0]).toMatchObject({ severity: 'error', file: 'mapping.yaml', message, line, column });
  });
});

describe('mapRow', () => {
  it('makes the event of a CSV row; an empty cell is absent', () => {
    const mapped = mapRow(csv('id,ts,account,amount,is_fraud', '5,2018-04-01T00:00:31Z,C1,,1'), mappingOf(text));
    expect(mapped).toMatchObject({ ok: true, positive: true });
    if (!mapped.ok) return;
    expect(mapped.value.names).toEqual(['id', 'type', 'ts', 'account_id', 'amount', 'currency', 'branch_id']);
    expect(JSON.parse(JSON.stringify(mapped.value.values))).toEqual(['5', 'payment', { text: String(Date.UTC(2018, 3, 1, 0, 0, 31)) }, 'C1', null, 'EUR', '007']);
  });

  it('reads the label cell as text: positive, negative, nothing', () => {
    const label = (cell: string): unknown => {
      const mapped = mapRow(csv('id,ts,account,amount,is_fraud', `5,2018-04-01T00:00:31Z,C1,1,${cell}`), mappingOf(text));
      return mapped.ok ? mapped.positive : mapped;
    };
    expect([label('1'), label('0'), label('')]).toEqual([true, false, undefined]);
    const fromJson = mapRow(json('{"id":5,"ts":"2018-04-01T00:00:31Z","is_fraud":1}'), mappingOf(text));
    expect(fromJson).toMatchObject({ ok: true, positive: true });
    expect(mapRow(json('{"id":5,"ts":"2018-04-01T00:00:31Z","is_fraud":true}'), mappingOf(text.replace('"1"', 'true')))).toMatchObject({ ok: true, positive: true });
  });

  it.each([
    ['{ column: ts, format: iso }', '2018-04-01T00:00:31Z', Date.UTC(2018, 3, 1, 0, 0, 31)],
    ['{ column: ts, format: iso, zone: Europe/Berlin }', '2018-04-01T12:00:00', Date.UTC(2018, 3, 1, 10)],
    ['{ column: ts, format: iso, zone: Europe/Berlin }', '2018-04-01T12:00:00Z', Date.UTC(2018, 3, 1, 12)],
    ['{ column: ts, format: epoch-s }', '1522540831', 1_522_540_831_000],
    ['{ column: ts, format: epoch-s }', '1522540831.25', 1_522_540_831_250],
    ['{ column: ts, format: epoch-ms }', '1522540831250', 1_522_540_831_250],
    ['{ column: ts, format: "dd/MM/yyyy HH:mm:ss", zone: UTC }', '01/04/2018 00:00:31', Date.UTC(2018, 3, 1, 0, 0, 31)],
    ['{ column: ts, format: "M/d/yyyy h:mm a", zone: America/New_York }', '4/1/2018 1:05 PM', Date.UTC(2018, 3, 1, 17, 5)],
    ["{ column: ts, format: \"yyyyMMdd'T'HHmmss.SSS\" }", '20180401T000031.250', Date.UTC(2018, 3, 1, 0, 0, 31, 250)],
    ['{ column: ts, format: "yyyy-MM-dd HH:mm:ssXXX" }', '2018-04-01 02:00:00+02:00', Date.UTC(2018, 3, 1)],
    ['{ column: ts, format: "d MMM yyyy" }', '1 Apr 2018', Date.UTC(2018, 3, 1)],
    ['{ column: ts, format: epoch-s }', '12.3456', 'ts: "12.3456" is no count of seconds since 1970 with whole milliseconds'],
    ['{ column: ts, format: "dd/MM/yyyy" }', '31/02/2018', 'ts: "31/02/2018" is no date and time of the format dd/MM/yyyy'],
    ['{ column: ts, format: iso }', 'yesterday', 'ts: "yesterday" is no date and time of the format ISO 8601'],
    ['{ column: ts, format: iso }', '', 'ts: the column ts is empty'],
  ])('reads the time %s of %s', (ts, cell, expected) => { expect(tsOf(ts, cell)).toBe(expected); });
});

describe('instantInZone', () => {
  it('takes the first of two equal local times, and the old offset for one that does not exist', () => {
    expect(instantInZone(Date.UTC(2026, 9, 25, 1, 30), 'Europe/London')).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(instantInZone(Date.UTC(2026, 2, 29, 1, 30), 'Europe/London')).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(instantInZone(Date.UTC(2026, 6, 1, 12), 'Asia/Kathmandu')).toBe(Date.UTC(2026, 6, 1, 6, 15));
    expect(instantInZone(Date.UTC(2026, 6, 1, 12), '-03:30')).toBe(Date.UTC(2026, 6, 1, 15, 30));
  });
});
