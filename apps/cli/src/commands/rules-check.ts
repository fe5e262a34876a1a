import { loadRules } from '../rules/load-rules.js';
import { countText, diagnosticText, plural } from '../terminal/diagnostic-text.js';
import { exitCode, type Terminal } from '../terminal/terminal.js';

export interface RulesOptions { readonly schema?: string | undefined; readonly json?: boolean | undefined }

/** `weir rules check [DIR]`: every finding of every file, and each rule's class. Exit code 1 when there is an error. */
export async function checkRules(paths: readonly string[], options: RulesOptions, terminal: Terminal): Promise<number> {
  const { rules, files, diagnostics, sources } = await loadRules(paths, options.schema);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (options.json) {
    const classes = rules.map(({ id, file, version, portability }) => ({ rule: id, file, version, class: portability.class, reasons: portability.reasons }));
    terminal.out(`${JSON.stringify({ ok: errors === 0, files: files.length, rules: classes, diagnostics })}\n`);
    return errors === 0 ? exitCode.ok : exitCode.findings;
  }
  for (const diagnostic of diagnostics) terminal.out(`${diagnosticText(diagnostic, sources.get(diagnostic.file))}\n`);
  for (const { id, portability } of rules) {
    const reasons = portability.reasons.length > 0 ? `  ${portability.reasons.join('; ')}` : '';
    terminal.out(`${portability.class}  ${id}${reasons}\n`);
  }
  terminal.out(`${plural(files.length, 'rule file')}: ${countText(errors, diagnostics.length - errors)}\n`);
  return errors === 0 ? exitCode.ok : exitCode.findings;
}
