import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseSchema } from '../schema/parse-schema.js';
import { compileRule } from './compile-rule.js';

const folder = join(process.env['WEIR_REFERENCE_DIR'] ?? join(process.cwd(), '..', 'shared'), 'rule-examples');
const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml') && file !== 'schema.yaml').sort() : [];
if (files.length === 0) process.stderr.write(`skipped: no rule examples in ${folder} (WEIR_REFERENCE_DIR)\n`);

(files.length === 0 ? describe.skip : describe)('the rule examples', () => {
  const { schema, diagnostics } = files.length === 0 ? { schema: undefined, diagnostics: [] } : parseSchema(readFileSync(join(folder, 'schema.yaml'), 'utf8'));
  it.each(files)('%s compiles without an error', (file) => {
    expect(diagnostics).toEqual([]);
    if (schema === undefined) return;
    const { rule, diagnostics: found } = compileRule(readFileSync(join(folder, file), 'utf8'), file, { schema });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(rule?.tests.length).toBeGreaterThanOrEqual(2);
    expect(rule?.version).toMatch(/^[0-9a-f]{16}$/);
  });
});
