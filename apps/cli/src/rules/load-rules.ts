import { readFile } from 'node:fs/promises';
import type { Diagnostic } from '@weir/contracts';
import { findSchemaFile, readRuleFiles, type RuleFile } from '@weir/pipeline';
import { compileRule, parseSchema, type EventSchema, type TypedRule } from '@weir/rule-lang';
import { CommandError } from '../terminal/terminal.js';

export interface LoadedRules {
  readonly schema?: EventSchema | undefined;
  readonly files: readonly RuleFile[];
  readonly rules: readonly TypedRule[];
  /** Of the schema and of every file, errors and warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text of each file that a diagnostic may name. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Reads and compiles the rules of files and folders against a schema. What is wrong inside a file is a diagnostic; a path that
 * is not there throws {@link CommandError}.
 *
 * @param schemaPath default: `schema.yaml` of the first path's folder, or of the nearest folder above it.
 */
export async function loadRules(paths: readonly string[], schemaPath?: string): Promise<LoadedRules> {
  const read = await readRuleFiles(paths);
  if (!read.ok) throw new CommandError(read.reason === 'not-found' ? `${read.path} does not exist.` : `${read.path} cannot be read: ${read.message}`);
  const [first = '.'] = paths;
  const schemaFile = schemaPath ?? await findSchemaFile(first);
  if (schemaFile === undefined) throw new CommandError(`There is no schema.yaml in ${first} or a folder above it. Name one: --schema FILE`);
  const schemaText = await readText(schemaFile);
  const sources = new Map([[schemaFile, schemaText], ...read.files.map(({ path, text }): [string, string] => [path, text])]);
  const { schema, diagnostics } = parseSchema(schemaText, schemaFile);
  if (!schema) return { files: read.files, rules: [], diagnostics, sources };
  const compiled = read.files.map((file) => ({ file, ...compileRule(file.text, file.path, { schema }) }));
  const rules = compiled.flatMap(({ rule }) => (rule ? [rule] : []));
  return { schema, files: read.files, rules, diagnostics: [...diagnostics, ...compiled.flatMap((one) => one.diagnostics), ...findDuplicates(rules)], sources };
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
    throw new CommandError(code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read: ${code === 'EISDIR' ? 'it is a folder' : String(cause)}.`, { cause });
  }
}

/** Two files with one rule id: the second is refused, for alerts name the rule by its id. */
function findDuplicates(rules: readonly TypedRule[]): Diagnostic[] {
  const first = new Map<string, string>();
  return rules.flatMap(({ id, file, source }) => {
    const other = first.get(id);
    if (other === undefined) {
      first.set(id, file);
      return [];
    }
    const line = source.split('\n').findIndex((text) => /^rule\s*:/.test(text)) + 1;
    return [{ code: 'duplicate-rule', severity: 'error' as const, message: `Rule ${id} is already defined in ${other}.`, file, line, column: 1, endLine: line, endColumn: 5 }];
  });
}
