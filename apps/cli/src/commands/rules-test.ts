import type { RuleTestResult } from '@weir/contracts';
import { runRuleTests } from '@weir/rule-engine';
import { loadRules } from '../rules/load-rules.js';
import { diagnosticText, plural } from '../terminal/diagnostic-text.js';
import { exitCode, type Terminal } from '../terminal/terminal.js';
import type { RulesOptions } from './rules-check.js';

/** `weir rules test [DIR]`: runs the tests in the rule files. Exit code 1 when one fails or a file does not compile. */
export async function testRules(paths: readonly string[], options: RulesOptions, terminal: Terminal): Promise<number> {
  const { schema, rules, diagnostics, sources } = await loadRules(paths, options.schema);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const untested = rules.filter(({ tests }) => tests.length === 0);
  const results = schema ? rules.flatMap((rule) => [...runRuleTests(rule, schema)]) : [];
  const failed = results.filter(({ passed }) => !passed);
  const isGood = errors.length === 0 && failed.length === 0;
  if (options.json) {
    terminal.out(`${JSON.stringify({ ok: isGood, passed: results.length - failed.length, failed: failed.length, results, diagnostics })}\n`);
    return isGood ? exitCode.ok : exitCode.findings;
  }
  for (const diagnostic of errors) terminal.out(`${diagnosticText(diagnostic, sources.get(diagnostic.file))}\n`);
  for (const result of failed) terminal.out(failureText(result));
  for (const { id } of untested) terminal.out(`no tests: ${id}\n`);
  terminal.out(`${plural(rules.length, 'rule')}, ${plural(results.length, 'test')}: ${results.length - failed.length} passed, ${failed.length} failed${errors.length > 0 ? `; ${plural(errors.length, 'error')} in the files` : ''}\n`);
  return isGood ? exitCode.ok : exitCode.findings;
}

function failureText({ rule, name, evaluation, expected, actual, message }: RuleTestResult): string {
  const list = (alerts: readonly string[]): string => (alerts.length === 0 ? 'none' : alerts.join(', '));
  return `FAILED ${rule}: ${name} (${evaluation})\n  expected alerts: ${list(expected)}\n  actual alerts:   ${list(actual)}\n${message === undefined ? '' : `  ${message}\n`}`;
}
