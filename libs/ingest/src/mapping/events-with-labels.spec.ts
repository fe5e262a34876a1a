import { describe, expect, it } from '@jest/globals';
import { parseSchema, type EventSchema } from '@weir/rule-lang';
import { eventsWithLabels, type FileItem } from './events-with-labels.js';
import { parseMapping, type Mapping } from './mapping.js';
import type { Row } from './row.js';

const schema = ((): EventSchema => {
  const parsed = parseSchema(`
version: 1
events:
  payment:
    account_id: { type: string, required: true }
    merchant_id: { type: string }
    amount: { type: decimal, scale: 2 }
  label:
    late: restamp
    event_id: { type: string, required: true }
    merchant_id: { type: string }
    fraud: { type: bool, required: true }
`);
  if (parsed.schema === undefined) throw new Error('schema');
  return parsed.schema;
})();
function mappingOf(label: string): Mapping {
  const { mapping, diagnostics } = parseMapping(`type: payment\nid: id\nts: { column: ts, format: epoch-ms }\nfields: { account_id: account, merchant_id: merchant, amount: amount }\n${label}\n`);
  if (mapping === undefined) throw new Error(diagnostics[0]?.message);
  return mapping;
}
const header = { columns: ['id', 'ts', 'account', 'merchant', 'amount', 'fraud'] };
const row = (id: string, ts: number, fraud: string, more: Partial<{ amount: string; merchant: string }> = {}): Row => ({ kind: 'csv', line: 2, header, cells: [id, String(ts), 'c1', more.merchant ?? 'm1', more.amount ?? '1.00', fraud] });

async function itemsOf(rows: readonly Row[], mapping: Mapping, options = {}): Promise<FileItem[]> {
  const items: FileItem[] = [];
  for await (const batch of eventsWithLabels([rows], mapping, schema, options)) items.push(...batch);
  return items;
}
const shown = (items: readonly FileItem[]): string[] => items.map((item) => (item.kind === 'rejected' ? `x ${item.refusal.message}` : `${item.event.id}@${item.event.ts}`));

describe('eventsWithLabels', () => {
  const delayed = mappingOf('label: { column: fraud, positive: "1", delay: 10ms, fields: [merchant_id] }');

  it('puts a label before a payment of its own ts, and the rest at the end', async () => {
    const items = await itemsOf([row('a', 100, '1'), row('b', 105, '1'), row('c', 110, '0'), row('d', 110, '0'), row('e', 114, '1')], delayed);
    expect(shown(items)).toEqual(['a@100', 'b@105', 'label-a@110', 'c@110', 'd@110', 'e@114', 'label-b@115', 'label-e@124']);
    expect(items[2]).toEqual({ kind: 'label', of: 'a', event: { kind: 'event', ts: 110, id: 'label-a', type: 'label', fields: { event_id: 'a', fraud: true, merchant_id: 'm1' }, channel: 'csv' } });
    expect(items.flatMap((item) => (item.kind === 'event' ? [item.positive] : []))).toEqual([true, true, false, false, true]);
  });

  it('puts a label without delay right after its own payment', async () => {
    const items = await itemsOf([row('a', 100, '1'), row('b', 100, '1'), row('c', 100, '0')], mappingOf('label: { column: fraud, delay: 0s }'));
    expect(shown(items)).toEqual(['a@100', 'label-a@100', 'b@100', 'label-b@100', 'c@100']);
  });

  it('labels the others too when the mapping says so, but not an empty cell', async () => {
    const items = await itemsOf([row('a', 100, '1'), row('b', 100, '0'), row('c', 100, '')], mappingOf('label: { column: fraud, delay: 0s, negatives: true }'));
    expect(items.flatMap((item) => (item.kind === 'label' ? [`${item.of} ${String(item.event.fields['fraud'])}`] : []))).toEqual(['a true', 'b false']);
  });

  it('keeps file order where times go back, and labels a row whose label is overdue at once', async () => {
    const items = await itemsOf([row('a', 200, '0'), row('b', 100, '1'), row('c', 205, '0')], delayed);
    expect(shown(items)).toEqual(['a@200', 'b@100', 'label-b@110', 'c@205']);
  });

  it('orders labels of one ts as their payments lie in the file', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => row(`p${i}`, 100, '1'));
    expect(shown(await itemsOf([...rows, row('z', 110, '0')], delayed)).slice(50)).toEqual([...rows.map((_, i) => `label-p${i}@110`), 'z@110']);
  });

  it('leaves out the label of a refused row, and answers the row with its reason', async () => {
    const items = await itemsOf([row('a', 100, '1', { amount: '1.005' }), { kind: 'bad', line: 7, code: 'bad-row', message: 'line 7: 3 cells, the header has 6', raw: 'x' }, row('b', 120, '0')], delayed);
    expect(shown(items)).toEqual(['x amount: 1.005 has 3 decimals, the schema allows 2', 'x line 7: 3 cells, the header has 6', 'b@120']);
    expect(items[0]).toMatchObject({ kind: 'rejected', raw: 'a,100,c1,m1,1.005,1', refusal: { code: 'too-fine', field: 'amount', id: 'a' } });
  });

  it('refuses a mapping that does not fit the schema or the header before the first event, with every reason', async () => {
    await expect(itemsOf([row('a', 1, '1')], mappingOf('label: { column: fraud, fields: [amount] }'))).rejects.toThrow('the schema has no field amount in label');
    const { mapping } = parseMapping('type: payments\nid: id\nts: { column: ts, format: epoch-ms }\n');
    await expect(itemsOf([row('a', 1, '1')], mapping ?? delayed)).rejects.toThrow('the schema has no event type payments');
    await expect(itemsOf([row('a', 1, '1')], mappingOf('label: { column: is_fraud }'))).rejects.toThrow('the file has no column "is_fraud"; it has id, ts, account, merchant, amount, fraud');
  });

  it('refuses to hold more waiting labels than it was given room for', async () => {
    await expect(itemsOf([row('a', 1, '1'), row('b', 1, '1')], delayed, { maxPendingLabels: 1 })).rejects.toThrow('more than 1 labels wait');
  });
});
