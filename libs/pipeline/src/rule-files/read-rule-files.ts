import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';

/** A rule file as it lies in a folder. */
export interface RuleFile {
  /** Path as given, or below the folder given: what diagnostics show. */
  readonly path: string;
  /** Name of the folder it lies in: `rules/<pack>/<rule>.yaml`. */
  readonly pack: string;
  readonly text: string;
}
/** The files, or one sentence why they can not be read. */
export type RuleFilesResult =
  | { readonly ok: true; readonly files: readonly RuleFile[] }
  | { readonly ok: false; readonly path: string; readonly reason: 'not-found' | 'unreadable'; readonly message: string };

/**
 * Reads the rule files of files and folders (folders with everything below them), in path order, each once.
 *
 * `schema.yaml`, mapping files (named so, or with a mapping's keys and none of a rule's) and files that are not `.yaml` or
 * `.yml` are left out of folders; a file that is named itself is always read. Hidden folders and node_modules are skipped.
 */
export async function readRuleFiles(paths: readonly string[]): Promise<RuleFilesResult> {
  const files = new Map<string, RuleFile>();
  for (const path of paths) {
    try {
      const isFolder = (await stat(path)).isDirectory();
      const found = isFolder ? await yamlBelow(path) : [path];
      for (const file of found) {
        const text = await readFile(file, 'utf8');
        if (isFolder && !isRuleText(file, text)) continue;
        files.set(resolve(file), { path: file, pack: basename(dirname(resolve(file))), text });
      }
    } catch (cause) {
      return refusal(path, cause);
    }
  }
  return { ok: true, files: [...files.values()].sort((a, b) => compareText(a.path, b.path)) };
}

/** The `schema.yaml` that belongs to a folder of rules: in it, or in the nearest folder above it, up to the working folder's top. */
export async function findSchemaFile(path: string): Promise<string | undefined> {
  const start = resolve(path);
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'schema.yaml');
    const found = await stat(candidate).then((entry) => entry.isFile(), () => false);
    if (found) return relativeIfBelow(candidate);
    if (dirname(folder) === folder) return undefined;
  }
}

async function yamlBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...await yamlBelow(path));
    else if (/\.ya?ml$/.test(entry.name)) found.push(path);
  }
  return found;
}

function isRuleText(path: string, text: string): boolean {
  const name = basename(path);
  if (/^schema\.ya?ml$/.test(name) || /(^|[.-])map(ping)?\.ya?ml$/.test(name)) return false;
  const has = (key: string): boolean => new RegExp(`^${key}\\s*:`, 'm').test(text);
  if (['rule', 'when', 'sequence', 'window'].some(has)) return true;
  return !(has('ts') && has('fields'));
}

function refusal(path: string, cause: unknown): RuleFilesResult {
  const isMissing = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT';
  const message = cause instanceof Error ? cause.message : String(cause);
  return { ok: false, path, reason: isMissing ? 'not-found' : 'unreadable', message };
}

function relativeIfBelow(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

function compareText(a: string, b: string): number { return a < b ? -1 : a > b ? 1 : 0; }
