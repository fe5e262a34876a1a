// A rule nobody has seen fail may be off: feeds forbidden imports to the linter and insists that each is refused.
import { ESLint } from 'eslint';

const cases = [
  { name: 'core may not import the server', file: 'libs/stream-core/src/forbidden.ts', code: "import '@weir/server';\n", rule: '@nx/enforce-module-boundaries' },
  { name: 'contracts may not import anything of ours', file: 'libs/contracts/src/forbidden.ts', code: "import '@weir/case-model';\n", rule: '@nx/enforce-module-boundaries' },
  { name: 'core may not import a framework', file: 'libs/case-model/src/forbidden.ts', code: "import '@nestjs/common';\n", rule: '@nx/enforce-module-boundaries' },
  { name: 'an app may not import an app', file: 'apps/cli/src/forbidden.ts', code: "import '@weir/standalone';\n", rule: '@nx/enforce-module-boundaries' },
  { name: 'black-box tests import contracts only', file: 'e2e/src/forbidden.ts', code: "import '@weir/rule-engine';\n", rule: '@nx/enforce-module-boundaries' },
  { name: 'core may not import node modules', file: 'libs/rule-engine/src/forbidden.ts', code: "import 'node:fs';\n", rule: 'no-restricted-imports' },
  { name: 'core may not read the clock', file: 'libs/rule-engine/src/forbidden.ts', code: 'export const now = Date.now();\n', rule: 'no-restricted-syntax' },
];

const eslint = new ESLint();
let missed = 0;
for (const { name, file, code, rule } of cases) {
  const [result] = await eslint.lintText(code, { filePath: file });
  const refused = result?.messages.some((message) => message.ruleId === rule) ?? false;
  console.log(`${refused ? 'refused' : 'NOT REFUSED'}: ${name}`);
  if (!refused) {
    missed += 1;
    for (const message of result?.messages ?? []) console.log(`  ${message.ruleId}: ${message.message}`);
  }
}
process.exit(missed === 0 ? 0 : 1);
