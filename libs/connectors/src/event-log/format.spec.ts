import { describe, expect, it } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../testing/temporary-folder.js';
import { openEventLog } from './event-log.js';

/** A segment as version 1 wrote it: an event, then a group of a heartbeat and a list change. It must stay readable for good. */
const versionOne = [
  'V0VJUlNFRzEAAAAAAADwPwAAAAAAAAAA/qtJZwAAAABUAACAHdjfL3sia2luZCI6ImV2ZW50Iiwic2VxIjoxLCJ0cyI6NSwiaWQiOiJhIiwidHlwZSI6InBh',
  'eW1lbnQiLCJmaWVsZHMiOnsiYW1vdW50IjoiMTIuNSJ9fSMAAIBJXRdOeyJraW5kIjoiaGVhcnRiZWF0Iiwic2VxIjoyLCJ0cyI6Nn1FAAAAXgsOE3sia2lu',
  'ZCI6Imxpc3QiLCJzZXEiOjMsInRzIjo2LCJsaXN0IjoibCIsInZhbHVlIjoiw6QiLCJjaGFuZ2UiOiJhZGQifQ==',
];

describe('segment format', () => {
  it('reads and writes version 1 byte for byte', () => withFolder(async (dir) => {
    const old = Buffer.from(versionOne.join(''), 'base64');
    await mkdir(join(dir, 'old'));
    await writeFile(join(dir, 'old', '0000000000000001.seg'), old);
    const log = await openEventLog(join(dir, 'old'));
    expect(log.openReport).toMatchObject({ lastSeq: 3, maxTs: 6, tornTail: undefined });
    expect(await log.get(1)).toEqual({ kind: 'event', seq: 1, ts: 5, id: 'a', type: 'payment', fields: { amount: '12.5' } });
    await log.close();
    const made = await openEventLog(join(dir, 'new'));
    await made.append([{ kind: 'event', ts: 5, id: 'a', type: 'payment', fields: { amount: '12.5' } }]);
    await made.append([{ kind: 'heartbeat', ts: 6 }, { kind: 'list', ts: 6, list: 'l', value: 'ä', change: 'add' }]);
    await made.close();
    expect((await readFile(join(dir, 'new', '0000000000000001.seg'))).toString('base64')).toBe(old.toString('base64'));
  }));

  it('refuses a segment of another version by name', () => withFolder(async (dir) => {
    const other = Buffer.from(versionOne.join(''), 'base64');
    other.write('2', 7, 'latin1');
    await writeFile(join(dir, '0000000000000001.seg'), other);
    await expect(openEventLog(dir)).rejects.toMatchObject({ code: 'LOG_DAMAGED', message: expect.stringContaining('0000000000000001.seg') });
  }));
});
