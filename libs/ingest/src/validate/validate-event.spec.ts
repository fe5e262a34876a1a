import { describe, expect, it } from '@jest/globals';
import { parseSchema, type EventSchema } from '@weir/rule-lang';
import { readJson } from '../json/read-json.js';
import { eventToWire, eventValidator, validateEvent, type Refusal, type ValidEvent } from './validate-event.js';

const schemaText = `
version: 1
currency: EUR
events:
  payment:
    account_id: { type: string, required: true, pii: true }
    amount: { type: decimal, scale: 2, required: true, currency: currency }
    currency: { type: string, pattern: "^[A-Z]{3}$" }
    tries: { type: int }
    ratio: { type: double }
    declined: { type: bool }
    opened_at: { type: timestamp }
    location: { type: geo }
  label:
    late: restamp
    event_id: { type: string, required: true }
    fraud: { type: bool, required: true }
`;
function schemaOf(text: string): EventSchema {
  const { schema, diagnostics } = parseSchema(text);
  if (schema === undefined) throw new Error(diagnostics.map((finding) => finding.message).join('; '));
  return schema;
}
const schema = schemaOf(schemaText);
const check = (text: string): ValidEvent | Refusal => {
  const read = readJson(text);
  if (!read.ok) throw new Error(read.message);
  return validateEvent(read.value, schema);
};
const base = '"id":"p1","type":"payment","ts":1767600000000,"account_id":"c1","amount":1';
const withField = (member: string): ValidEvent | Refusal => check(`{"id":"p1","type":"payment","ts":1767600000000,"account_id":"c1","amount":1,${member}}`);

describe('validateEvent', () => {
  it('gives the event with its values in canonical form, in the order of the schema', () => {
    const result = check('{"amount":12.50,"ts":"2026-01-05T10:00:00+01:00","id":"p1","currency":"EUR","declined":false,"account_id":"c1","type":"payment","tries":3e0,"ratio":-0.0,"opened_at":1}');
    expect(result).toEqual({ ok: true, restamp: false, unknownFields: 0, event: {
      kind: 'event', id: 'p1', type: 'payment', ts: Date.UTC(2026, 0, 5, 9), fields: { account_id: 'c1', amount: '12.5', currency: 'EUR', tries: 3, ratio: 0, declined: false, opened_at: 1 },
    } });
    expect(result.ok && Object.keys(result.event.fields)).toEqual(['account_id', 'amount', 'currency', 'tries', 'ratio', 'declined', 'opened_at']);
  });

  it('records the unit vector of a place once', () => {
    const result = withField('"location":{"lat":0,"lon":90,"accuracy":5}');
    expect(result).toMatchObject({ ok: true, unknownFields: 1, event: { fields: { location: { lat: 0, lon: 90, y: 1, z: 0 } }, extra: { 'location.accuracy': 5 } } });
  });

  it('takes null for absent', () => {
    expect(withField('"currency":null,"location":null')).toMatchObject({ ok: true, event: { fields: { account_id: 'c1', amount: '1' } } });
    expect(check('{"id":"p1","type":"payment","ts":1,"account_id":null,"amount":1}')).toMatchObject({ ok: false, code: 'missing-field', field: 'account_id' });
  });

  it('keeps unknown fields in extra and counts them', () => {
    const result = withField('"note":"hi","deep":{"a":[1,null,{"__proto__":2}]},"__proto__":3,"big":12345678901234567890,"seq":7');
    expect(result).toMatchObject({ ok: true, unknownFields: 5 });
    const extra = result.ok ? result.event.extra : undefined;
    expect(JSON.stringify(extra)).toBe('{"note":"hi","deep":{"a":[1,null,{"__proto__":2}]},"__proto__":3,"big":"12345678901234567890","seq":7}');
  });

  it('says which types are to be restamped', () => {
    expect(check('{"id":"l1","type":"label","ts":5,"event_id":"p1","fraud":true}')).toMatchObject({ ok: true, restamp: true });
  });

  it.each([
    { name: 'a value that is no object', text: '[1]', code: 'not-an-object', message: 'an event is a JSON object, not an array' },
    { name: 'an unknown type', text: '{"id":"a","type":"payments","ts":1}', code: 'unknown-type', field: 'type', message: 'type: the schema has no event type "payments"; it has payment, label' },
    { name: 'no type', text: '{"id":"a","ts":1}', code: 'missing-field', field: 'type', message: 'type: is missing' },
    { name: 'a type that is a number', text: '{"id":"a","type":1,"ts":1}', code: 'bad-type', field: 'type', message: 'type: a text is expected, not 1' },
    { name: 'no id', text: '{"type":"payment","ts":1}', code: 'missing-field', field: 'id', message: 'id: is missing' },
    { name: 'a numeric id', text: '{"id":1,"type":"payment","ts":1}', code: 'bad-type', field: 'id', message: 'id: a text is expected, not 1' },
    { name: 'an empty id', text: '{"id":"","type":"payment","ts":1}', code: 'bad-format', field: 'id', message: 'id: is empty' },
    { name: 'an id with the separator of alert ids', text: '{"id":"a\\u001fb","type":"payment","ts":1}', code: 'bad-text', field: 'id', message: 'id: holds the control character U+001F at position 2' },
    { name: 'an id with a line break', text: '{"id":"a\\nb","type":"payment","ts":1}', code: 'bad-text', field: 'id', message: 'id: holds the control character U+000A at position 2' },
    { name: 'an id that is too long', text: `{"id":"${'x'.repeat(201)}","type":"payment","ts":1}`, code: 'too-long', field: 'id', message: 'id: 201 characters, the limit is 200' },
    { name: 'no ts', text: '{"id":"a","type":"payment"}', code: 'missing-field', field: 'ts', message: 'ts: is missing' },
    { name: 'a ts without a zone', text: '{"id":"a","type":"payment","ts":"2026-01-05T10:00:00"}', code: 'bad-format', field: 'ts', message: 'ts: "2026-01-05T10:00:00" names no zone; add Z or an offset such as +01:00' },
    { name: 'a day that does not exist', text: '{"id":"a","type":"payment","ts":"2026-02-30T10:00:00Z"}', code: 'bad-format', field: 'ts', message: 'ts: "2026-02-30T10:00:00Z" is no ISO 8601 date and time' },
    { name: 'a ts with a fraction', text: '{"id":"a","type":"payment","ts":1.5}', code: 'bad-format', field: 'ts', message: 'ts: 1.5 is not a whole number of milliseconds since 1970' },
    { name: 'a ts that is zero', text: '{"id":"a","type":"payment","ts":0}', code: 'out-of-range', field: 'ts', message: 'ts: 0 is no instant between 1970 and 9999' },
    { name: 'a negative ts', text: '{"id":"a","type":"payment","ts":-5}', code: 'out-of-range', field: 'ts', message: 'ts: -5 is no instant between 1970 and 9999' },
    { name: 'a ts beyond every calendar', text: '{"id":"a","type":"payment","ts":9e15}', code: 'out-of-range', field: 'ts', message: 'ts: 9e15 is no instant between 1970 and 9999' },
    { name: 'a ts that is a truth value', text: '{"id":"a","type":"payment","ts":true}', code: 'bad-type', field: 'ts', message: 'ts: an instant is expected (epoch milliseconds, or ISO 8601 text with a zone), not true' },
    { name: 'a required field that is missing', text: '{"id":"a","type":"payment","ts":1,"amount":1}', code: 'missing-field', field: 'account_id', message: 'account_id: is missing' },
  ])('refuses $name', ({ text, code, field, message }) => {
    const refusal = check(text);
    expect(refusal).toMatchObject({ ok: false, code, message });
    expect(refusal.ok ? '' : refusal.field).toBe(field);
  });

  it.each([
    { name: 'a number where a text belongs', member: '"account_id":1', code: 'bad-type', field: 'account_id', message: 'account_id: a text is expected, not 1' },
    { name: 'a lower-case currency', member: '"currency":"eur"', code: 'bad-format', field: 'currency', message: 'currency: "eur" does not match the pattern ^[A-Z]{3}$' },
    { name: 'a currency with a line break behind it', member: '"currency":"EUR\\n"', code: 'bad-format', field: 'currency', message: 'currency: "EUR\\n" does not match the pattern ^[A-Z]{3}$' },
    { name: 'an int with a fraction', member: '"tries":1.5', code: 'bad-type', field: 'tries', message: 'tries: 1.5 is not a whole number' },
    { name: 'an int as text', member: '"tries":"1"', code: 'bad-type', field: 'tries', message: 'tries: a whole number is expected, not "1"' },
    { name: 'an int of 2^53', member: '"tries":9007199254740992', code: 'out-of-range', field: 'tries', message: 'tries: 9007199254740992 is too large: a whole number must stay below 2^53' },
    { name: 'a double beyond doubles', member: '"ratio":1e400', code: 'out-of-range', field: 'ratio', message: 'ratio: 1e400 is larger than a double can be' },
    { name: 'a truth value as text', member: '"declined":"true"', code: 'bad-type', field: 'declined', message: 'declined: true or false is expected, not "true"' },
    { name: 'a truth value as number', member: '"declined":1', code: 'bad-type', field: 'declined', message: 'declined: true or false is expected, not 1' },
    { name: 'a latitude above 90', member: '"location":{"lat":90.1,"lon":0}', code: 'out-of-range', field: 'location.lat', message: 'location.lat: 90.1 degrees, the limit is 90' },
    { name: 'a place without longitude', member: '"location":{"lat":1}', code: 'missing-field', field: 'location.lon', message: 'location.lon: is missing' },
    { name: 'a place that is a text', member: '"location":"1,2"', code: 'bad-type', field: 'location', message: 'location: a place { "lat", "lon" } is expected, not "1,2"' },
    { name: 'a separator in a text field', member: '"currency":"A\\u001fB"', code: 'bad-text', field: 'currency', message: 'currency: holds the control character U+001F at position 2' },
    { name: 'a NUL in a text field', member: '"currency":"A\\u0000B"', code: 'bad-text', field: 'currency', message: 'currency: holds the control character U+0000 at position 2' },
    { name: 'an unknown field of a megabyte', member: `"blob":"${'x'.repeat(1_000_000)}"`, code: 'too-long', field: 'blob', message: 'blob: 1000000 characters, the limit is 4096' },
    { name: 'unknown fields that together are too much', member: Array.from({ length: 20 }, (_, i) => `"b${i}":"${'x'.repeat(4_000)}"`).join(','), code: 'too-large', field: 'b8', message: 'b8: the unknown fields together have more than 32768 characters' },
  ])('refuses $name', ({ member, code, field, message }) => {
    const text = member.startsWith('"account_id"') ? `{"id":"p1","type":"payment","ts":1,"amount":1,${member}}` : `{${base},${member}}`;
    expect(check(text)).toMatchObject({ ok: false, code, field, message, id: 'p1' });
  });

  it.each([
    { amount: '12.505', code: 'too-fine', message: 'amount: 12.505 has 3 decimals, the schema allows 2' },
    { amount: '"12.505"', code: 'too-fine', message: 'amount: "12.505" has 3 decimals, the schema allows 2' },
    { amount: '1e-3', code: 'too-fine', message: 'amount: 1e-3 has 3 decimals, the schema allows 2' },
    { amount: '90071992547409.92', code: 'out-of-range', message: 'amount: 90071992547409.92 is too large: with 2 decimals it must stay below 2^53' },
    { amount: '1e300', code: 'out-of-range', message: 'amount: 1e300 is too large: with 2 decimals it must stay below 2^53' },
    { amount: '1e99999999999', code: 'out-of-range', message: 'amount: 1e99999999999 is too large: with 2 decimals it must stay below 2^53' },
    { amount: '"1,000.00"', code: 'bad-format', message: 'amount: "1,000.00" is not a decimal number' },
    { amount: '"NaN"', code: 'bad-format', message: 'amount: "NaN" is not a decimal number' },
    { amount: '""', code: 'bad-format', message: 'amount: "" is not a decimal number' },
    { amount: '" 1"', code: 'bad-format', message: 'amount: " 1" is not a decimal number' },
    { amount: 'true', code: 'bad-type', message: 'amount: a decimal number is expected, not true' },
    { amount: '{}', code: 'bad-type', message: 'amount: a decimal number is expected, not an object' },
  ])('refuses the amount $amount', ({ amount, code, message }) => {
    expect(check(`{"id":"p1","type":"payment","ts":1,"account_id":"c","amount":${amount}}`)).toMatchObject({ ok: false, code, field: 'amount', message });
  });

  it.each([['-0', '0'], ['-0.00', '0'], ['12.50', '12.5'], ['"12.50"', '12.5'], ['1.25e1', '12.5'], ['1E2', '100'], ['100', '100'], ['90071992547409.91', '90071992547409.91'], ['-3', '-3'], ['0.05', '0.05'], ['5e-2', '0.05'], ['0e999999999', '0']])('reads the amount %s as %s', (amount, text) => {
    expect(check(`{"id":"p1","type":"payment","ts":1,"account_id":"c","amount":${amount}}`)).toMatchObject({ ok: true, event: { fields: { amount: text } } });
  });

  it('refuses a text of a megabyte in a declared field, with the field', () => {
    expect(check(`{"id":"p1","type":"payment","ts":1,"amount":1,"account_id":"${'x'.repeat(1_000_000)}"}`)).toMatchObject({ ok: false, code: 'too-long', field: 'account_id' });
  });

  it('takes cells of a file as text: numbers, truth values, instants; an empty cell is absent', () => {
    const validate = eventValidator(schema);
    const read = readJson('{"id":7,"type":"payment","ts":"1767600000000","account_id":12,"amount":"1.50","currency":"","tries":"4","declined":"0","location":"1,2"}');
    expect(read.ok && validate(read.value, 'text')).toMatchObject({ ok: true, event: { id: '7', ts: 1_767_600_000_000, fields: { account_id: '12', amount: '1.5', tries: 4, declined: false, location: { lat: 1, lon: 2 } } } });
  });

  it('writes an event as JSON that is read back as the same event', () => {
    const result = withField('"note":"hi","location":{"lat":1.5,"lon":2},"currency":"EUR"');
    expect(result.ok && check(eventToWire(result.event))).toEqual(result);
  });
});
