import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withFolder } from '../testing/in-process-engine.js';
import { findSchemaFile, readRuleFiles } from './read-rule-files.js';

async function withRules(use: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    await mkdir(join(dir, 'cards', '.hidden'), { recursive: true });
    await writeFile(join(dir, 'schema.yaml'), 'version: 1\n');
    await writeFile(join(dir, 'cards', 'b.yaml'), 'rule: b\n');
    await writeFile(join(dir, 'cards', 'a.yml'), 'rule: a\n');
    await writeFile(join(dir, 'cards', 'half.yaml'), 'title: a rule that forgot its id\n');
    await writeFile(join(dir, 'cards', 'handbook.map.yaml'), 'type: payment\n');
    await writeFile(join(dir, 'cards', 'columns.yaml'), 'type: payment\nts: { column: t }\nfields: { a: b }\n');
    await writeFile(join(dir, 'cards', 'README.md'), '# rule: no\n');
    await writeFile(join(dir, 'cards', '.hidden', 'c.yaml'), 'rule: c\n');
    await use(dir);
  });
}

describe('rule files', () => {
  it('are every YAML file below a folder but schema and mappings, in order, with their pack', () => withRules(async (dir) => {
    const read = await readRuleFiles([dir]);
    expect(read.ok && read.files.map(({ path, pack }) => [path.slice(dir.length + 1), pack])).toEqual([['cards/a.yml', 'cards'], ['cards/b.yaml', 'cards'], ['cards/half.yaml', 'cards']]);
  }));

  it('are read once, also when a folder and a file in it are named', () => withRules(async (dir) => {
    const read = await readRuleFiles([join(dir, 'cards', 'b.yaml'), dir]);
    expect(read.ok && read.files.length).toBe(3);
  }));

  it('are read whatever their name when they are named themselves', () => withRules(async (dir) => {
    const read = await readRuleFiles([join(dir, 'cards', 'columns.yaml')]);
    expect(read.ok && read.files.length).toBe(1);
  }));

  it('say which path is not there', () => withRules(async (dir) => {
    expect(await readRuleFiles([join(dir, 'none')])).toMatchObject({ ok: false, path: join(dir, 'none'), reason: 'not-found' });
  }));

  it('find their schema in the nearest folder above', () => withRules(async (dir) => {
    expect(await findSchemaFile(join(dir, 'cards'))).toBe(join(dir, 'schema.yaml'));
    expect(await findSchemaFile(join(dir, 'cards', 'b.yaml'))).toBe(join(dir, 'schema.yaml'));
  }));
});
