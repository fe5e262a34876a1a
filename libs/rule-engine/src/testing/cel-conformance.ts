/** `npm run -s conformance:cel`: how the rule language agrees with CEL's conformance data; the last line is the count. `-- --markdown`: the part of docs/semantics.md. */
import { celReport, countLine, differencesMarkdown, fileTable, outcomeLine } from './cel-report.js';
import { celDifferences } from './cel-differences.js';

function main(argument: string | undefined): number {
  const report = celReport();
  if (argument === '--markdown') {
    process.stdout.write(differencesMarkdown(report));
    return 0;
  }
  console.log(`${fileTable(report)}\n`);
  for (const { title, reason, tests } of celDifferences) {
    console.log(`${title}: ${reason}`);
    for (const outcome of report.byDesign.filter(({ test }) => tests.includes(test.id))) console.log(`  ${outcomeLine(outcome).replaceAll('\n', '\n  ')}`);
    console.log('');
  }
  for (const outcome of report.unexplained) console.log(`unexplained: ${outcomeLine(outcome)}`);
  console.log(countLine(report));
  return report.unexplained.length === 0 ? 0 : 1;
}

if (process.argv[1]?.endsWith('cel-conformance.js') === true) process.exitCode = main(process.argv[2]);
